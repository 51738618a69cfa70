/** What puts an end to a deadlock: the acquire timeout of its pools, in time or too late for the recording; or nothing. */
export type DeadlockEnd = 'timeout' | 'timeout later' | 'nothing';

const ENDS: Record<DeadlockEnd, string> = {
  timeout: 'Only the acquire timeout put an end to it, at the price of failed requests.',
  'timeout later': 'Only the acquire timeout will put an end to it, at the price of failed requests.',
  nothing: 'Nothing puts an end to it: not the database, which sees idle connections, and no timeout, as the pool has none.',
};

/** `smallest`: the smallest pool that could not have deadlocked; null when several pools were in it. */
export function adviseDeadlock(smallest: number | null, end: DeadlockEnd): string {
  const size = smallest === null ? 'Ask for the connections of several pools in the same order everywhere.' : `A pool of ${smallest} could not have deadlocked with as many flows at once, but more flows need a larger one.`;
  return `Each of these flows holds a connection that another one waits for. ${ENDS[end]} Let a flow use the connection that it has for all it does, or release it before it asks again. ${size}`;
}
