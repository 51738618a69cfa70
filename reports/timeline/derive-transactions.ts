import type { Query, Transaction } from '../model.js';

/**
 * The transactions of one checkout, by the server's own status after each statement. One starts with the start of the
 * statement after which the status first is T or E, and ends with the end of the one after which it is I again, or with
 * the checkout. Sniffing SQL instead would miss a BEGIN inside a function, and see one in a string.
 * `queries` are sorted by start; statements that are in flight together are answered in that order. Gaps are not filled in.
 */
export function deriveTransactions(queries: readonly Query[], endMs: number): Transaction[] {
  const transactions: Transaction[] = [];
  let open: Transaction | null = null;
  let lastEndMs = -Infinity;
  let first = 0;
  for (let index = 0; index < queries.length; index += 1) {
    const query = queries[index] as Query;
    const { status } = query;
    if (open === null) {
      if (status === null || status === 'I') continue;
      first = index;
      open = { startMs: Math.max(query.startMs, lastEndMs), ms: 0, status, queries: [], gaps: [] };
      transactions.push(open);
    }
    if (status === null) continue;
    open.status = status;
    if (status !== 'I') continue;
    lastEndMs = query.startMs + query.ms;
    open.ms = lastEndMs - open.startMs;
    open.queries = queries.slice(first, index + 1);
    open = null;
  }
  if (open !== null) {
    open.ms = Math.max(0, endMs - open.startMs);
    open.queries = queries.slice(first);
  }
  return transactions;
}
