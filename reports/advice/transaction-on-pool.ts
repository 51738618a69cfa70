export function adviseOnPool(isAlone: boolean): string {
  const fate = isAlone
    ? 'With a pool of one connection that happens to work, until two flows do it at once or the pool grows.'
    : 'Its statements end up on different connections, outside of any transaction; meanwhile the connection that has the BEGIN is handed to others, whose statements belong to a transaction that they know nothing of, and the COMMIT most likely reaches another one.';
  return `pool.query takes any connection for each statement. ${fate} Take one connection (pool.connect), send BEGIN, the statements and COMMIT over it, and release it in a finally block.`;
}
