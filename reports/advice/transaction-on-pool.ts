export function adviseOnPool(isAlone: boolean, isDriver: boolean): string {
  const fate = isAlone
    ? 'With a pool of one connection that happens to work, until two flows do it at once or the pool grows.'
    : 'Its statements end up on different connections, outside of any transaction; meanwhile the connection that has the BEGIN is handed to others, whose statements belong to a transaction that they know nothing of, and the COMMIT most likely reaches another one.';
  const taken = isDriver ? 'pool.query takes any connection for each statement.' : 'A statement that is given to the library itself takes any connection of its pool.';
  const way = isDriver ? 'Take one connection (pool.connect), send BEGIN, the statements and COMMIT over it, and release it in a finally block.' : "Use the library's own transaction, which keeps one connection, and give it all the statements.";
  return `${taken} ${fate} ${way}`;
}
