export function adviseNoTimeout(kind: string): string {
  const option = kind === 'pg-pool' ? 'connectionTimeoutMillis (its default, 0, means for ever)' : "the pool's acquire timeout";
  return `Without one, a request that gets no connection waits until its client gives up, and then goes on waiting. Set ${option} to what a user would wait for: an error that names the problem is better than a hang. It cures no cause.`;
}
