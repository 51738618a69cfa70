export function adviseUnfinished(failed: boolean): string {
  const state = failed
    ? 'The transaction had failed, and whoever gets the connection next gets errors (25P02) until somebody rolls back.'
    : 'Whoever gets the connection next works inside that transaction: what they write is lost or committed with it, and its locks stay.';
  return `${state} End it on every way out: COMMIT at the end, ROLLBACK in a catch block, both before release(). Where the state is not known, release(true) closes the connection instead of handing it on.`;
}
