/** `smallest`: the smallest pool that could not have deadlocked; null when several pools were in it. */
export function adviseDeadlock(smallest: number | null, timedOut: boolean): string {
  const size = smallest === null ? 'Ask for the connections of several pools in the same order everywhere.' : `A pool of ${smallest} could not have deadlocked with as many flows at once, but more flows need a larger one.`;
  const end = timedOut ? 'Only the acquire timeout put an end to it, at the price of failed requests.' : 'Nothing puts an end to it: not the database, which sees idle connections, and no timeout, as there was none.';
  return `Each of these flows holds a connection that another one waits for. ${end} Let a flow use the connection that it has for all it does, or release it before it asks again. ${size}`;
}
