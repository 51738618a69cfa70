import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES, TRANSACTION_STATUSES, WAIT_KINDS } from '../../probes/trace/events.js';
import type { Checkout, Gap, Query, Transaction, Wait } from '../model.js';
import { toUs } from '../microseconds.js';
import { packTable } from './columns.js';
import type { CheckoutColumns, GapColumns, QueryColumns, TransactionColumns, WaitColumns } from './page-data.js';
import type { StringTable } from './string-table.js';

type Rows<T> = { [K in keyof T]: number[] };

function rows<T>(...names: (keyof T)[]): Rows<T> {
  return Object.fromEntries(names.map((name) => [name, []])) as unknown as Rows<T>;
}

/** Writes checkouts and what happened in them as columns. Feed it in order of the requests. */
export class TimelineColumns {
  readonly #checkouts = rows<CheckoutColumns>('id', 'lane', 'connection', 'requested', 'wait', 'use', 'outcome', 'via', 'stack', 'error', 'queries', 'gaps', 'transactions');
  readonly #queries = rows<QueryColumns>('start', 'us', 'statement', 'status', 'error', 'queued', 'stack');
  readonly #gaps = rows<GapColumns>('start', 'us', 'inTransaction', 'waits', 'ended');
  readonly #waits = rows<WaitColumns>('start', 'us', 'kind', 'detail', 'started', 'awaited', 'foreign');
  readonly #transactions = rows<TransactionColumns>('start', 'us', 'status');
  #lastRequestUs = 0;

  constructor(
    private readonly table: StringTable,
    private readonly endMs: number,
  ) {}

  add(checkout: Checkout, lane: number, connection: number): void {
    const columns = this.#checkouts;
    const requested = toUs(checkout.requestedMs);
    const until = toUs(checkout.endedMs ?? this.endMs);
    const acquired = checkout.acquiredMs === null ? until : toUs(checkout.acquiredMs);
    columns.id.push(Number(/(\d+)$/.exec(checkout.id)?.[1] ?? 0));
    columns.lane.push(lane);
    columns.connection.push(connection);
    columns.requested.push(requested - this.#lastRequestUs);
    columns.wait.push(acquired - requested);
    columns.use.push(until - acquired);
    columns.outcome.push(checkout.outcome === null ? -1 : CHECKOUT_OUTCOMES.indexOf(checkout.outcome));
    columns.via.push(CHECKOUT_SOURCES.indexOf(checkout.via));
    columns.stack.push(this.table.stack(checkout.stack));
    columns.error.push(this.table.text(checkout.error));
    columns.queries.push(checkout.queries.length);
    columns.gaps.push(checkout.gaps.length);
    columns.transactions.push(checkout.transactions.length);
    this.#lastRequestUs = requested;
    this.#addQueries(checkout.queries, requested);
    this.#addGaps(checkout.gaps, requested);
    this.#addTransactions(checkout.transactions, requested);
  }

  /** The columns, packed. */
  finish(): { checkouts: CheckoutColumns; queries: QueryColumns; gaps: GapColumns; waits: WaitColumns; transactions: TransactionColumns } {
    return {
      checkouts: packTable(this.#checkouts),
      queries: packTable(this.#queries),
      gaps: packTable(this.#gaps),
      waits: packTable(this.#waits),
      transactions: packTable(this.#transactions),
    };
  }

  #addQueries(queries: readonly Query[], from: number): void {
    const columns = this.#queries;
    let before = from;
    for (const query of queries) {
      const start = toUs(query.startMs);
      const us = toUs(query.ms);
      columns.start.push(start - before);
      columns.us.push(us);
      columns.statement.push(this.table.text(query.statement.text));
      columns.status.push(query.status === null ? -1 : TRANSACTION_STATUSES.indexOf(query.status));
      columns.error.push(this.table.text(query.error));
      columns.queued.push(toUs(query.queuedMs));
      columns.stack.push(this.table.stack(query.stack));
      before = start + us;
    }
  }

  #addGaps(gaps: readonly Gap[], from: number): void {
    const columns = this.#gaps;
    let before = from;
    for (const gap of gaps) {
      const start = toUs(gap.startMs);
      const us = toUs(gap.ms);
      columns.start.push(start - before);
      columns.us.push(us);
      columns.inTransaction.push(gap.inTransaction ? 1 : 0);
      columns.waits.push(gap.waits.length);
      columns.ended.push(this.table.stack(gap.ended));
      this.#addWaits(gap.waits, start);
      before = start + us;
    }
  }

  #addWaits(waits: readonly Wait[], from: number): void {
    const columns = this.#waits;
    let before = from;
    for (const wait of waits) {
      const start = toUs(wait.startMs);
      const us = toUs(wait.ms);
      columns.start.push(start - before);
      columns.us.push(us);
      columns.kind.push(WAIT_KINDS.indexOf(wait.kind));
      columns.detail.push(this.table.text(wait.detail));
      columns.started.push(this.table.stack(wait.started));
      columns.awaited.push(this.table.stack(wait.awaited));
      columns.foreign.push(wait.foreign ? 1 : 0);
      before = start + us;
    }
  }

  #addTransactions(transactions: readonly Transaction[], from: number): void {
    const columns = this.#transactions;
    let before = from;
    for (const transaction of transactions) {
      const start = toUs(transaction.startMs);
      const us = toUs(transaction.ms);
      columns.start.push(start - before);
      columns.us.push(us);
      columns.status.push(TRANSACTION_STATUSES.indexOf(transaction.status));
      before = start + us;
    }
  }
}
