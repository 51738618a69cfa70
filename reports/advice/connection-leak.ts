export function adviseLeak(isCertain: boolean): string {
  const doubt = isCertain ? '' : ' It only looks lost: the recording ended while the process still ran, so it may come back yet.';
  return `A connection that is never released is lost to its pool: when all are, every request waits for ever.${doubt} Put release() into a finally block right after the connection was acquired, so that an early return, an error and an aborted request all pass it; or use a helper that does so (pool.query for a single statement).`;
}
