import { CHECKOUT_SOURCES, WAIT_KINDS, type WaitKind } from '../../probes/trace/events.js';
import type { Connection, Gap, Pool, Query, Recording, Stack, Statement, Transaction } from '../model.js';
import { GAP_MARK, MARK, NO_OUTCOME, outcomeOf, viaOf, WAIT_MARK, type CheckoutTable } from '../read/checkout-table.js';
import { deriveGaps, type SeenGap, type SeenWait } from './derive-gaps.js';
import { deriveTransactions } from './derive-transactions.js';
import { firstBlockAfter } from './hold.js';
import { countParts, listPauses, longestPause, type Span } from './plain-parts.js';
import { RecordedCheckout } from './recorded-checkout.js';
import { RecordedQuery } from './recorded-query.js';
import { LASTING_MS, MANY, TRAIT, WAITED_MS } from './select.js';
import type { Times } from './times.js';

/** What the ids of one trace stand for. */
export interface Names {
  poolOf: (id: number) => Pool | null;
  connectionOf: (id: number) => Connection | null;
  statementOf: (id: number) => Statement;
  stackOf: (id: number) => Stack | null;
}

/** What happened in a checkout. */
interface Details {
  queries: Query[];
  gaps: Gap[];
  transactions: Transaction[];
}

const NO_GAPS: SeenGap[] = [];
/** What is found out about these by looking at them. */
const UNUSUAL = MARK.waits | MARK.running | MARK.unsorted;
const QUERY_SOURCE = CHECKOUT_SOURCES.indexOf('query');

/** The checkouts of one trace: its columns, and what its ids mean. Objects are made as they are asked for. */
export class RecordedRun {
  readonly key: string;
  readonly startMs: number;
  /** Row of the checkout that the flow held already, by the row of the inner one. */
  readonly #outerRow: Map<number, number>;
  /** Those that were asked for, by their rows: of a million, a list with room for all would take 8 MB. */
  readonly #made = new Map<number, RecordedCheckout>();
  /** The last one that was asked for: whoever looks at a checkout asks for its parts one by one. */
  #lastRow = -1;
  #lastQueries: Query[] | null = null;
  #last: Details | null = null;
  /** Used again and again. */
  readonly #pauses: number[] = [];
  /** From the end of a block to the beginning of the next one. */
  readonly #calm = { fromMs: 0, untilMs: 0 };
  readonly #span = { requestedMs: 0, acquiredMs: 0, endMs: 0, ended: false };
  readonly #kept = new Map<number, Details>();
  readonly #inherited = new Set<number>();
  readonly #completed = new Map<Stack, Map<Stack, Stack>>();

  constructor(
    readonly table: CheckoutTable,
    readonly names: Names,
    readonly recording: Recording,
  ) {
    this.key = recording.key;
    this.startMs = recording.startMs;
    this.#outerRow = findOuter(table);
  }

  /** The same object each time. */
  checkoutOf(row: number): RecordedCheckout {
    let checkout = this.#made.get(row);
    if (checkout === undefined) this.#made.set(row, (checkout = new RecordedCheckout(this, row)));
    return checkout;
  }

  /** The same where it was made, else one that is not kept. */
  glanceAt(row: number): RecordedCheckout {
    return this.#made.get(row) ?? new RecordedCheckout(this, row);
  }

  idOf(row: number): string {
    return `${this.key}:${this.table.id.at(row)}`;
  }

  poolOf(row: number): Pool | null {
    return this.names.poolOf(this.table.pool.at(row));
  }

  connectionOf(row: number): Connection | null {
    return this.names.connectionOf(this.table.connection.at(row));
  }

  statementOf(id: number): Statement {
    return this.names.statementOf(id);
  }

  insideOf(row: number): RecordedCheckout | null {
    const outer = this.#outerRow.get(row);
    return outer === undefined ? null : this.checkoutOf(outer);
  }

  /** A library may have asked for it in a breath of its own: its first statement then comes from the same place. */
  stackOf(row: number): Stack | null {
    const stack = this.names.stackOf(this.table.stack.at(row));
    if (stack === null || stack.frames.length > 0 || (this.table.facts.at(row) & MARK.acquired) === 0) return stack;
    const first = this.queriesOf(row)[0]?.stack ?? null;
    return first === null || first.frames.length === 0 ? stack : this.#complete(stack, first);
  }

  /** Its moments, to `index` of columns. */
  copyTimes(row: number, { requestedMs, acquiredMs, endedMs }: Times, index: number): void {
    const { table } = this;
    const facts = table.facts.at(row);
    const isAcquired = (facts & MARK.acquired) !== 0;
    const fromMs = this.startMs + table.t.at(row);
    const servedMs = fromMs + table.waitMs.at(row);
    requestedMs[index] = fromMs;
    acquiredMs[index] = isAcquired ? servedMs : Number.NaN;
    endedMs[index] = outcomeOf(facts) === NO_OUTCOME ? Number.NaN : isAcquired ? servedMs + table.useMs.at(row) : servedMs;
  }

  /** As TRAIT has them. */
  traitsOf(row: number): number {
    const { table } = this;
    const facts = table.facts.at(row);
    const isOpen = outcomeOf(facts) === NO_OUTCOME;
    const isKept = this.#kept.has(row);
    return (
      traitIf(facts & MARK.transaction, TRAIT.transaction) |
      traitIf(facts & MARK.leftOpen, TRAIT.leftOpen) |
      (isKept ? TRAIT.waits : traitIf(facts & MARK.waits, TRAIT.waits)) |
      (isKept || (viaOf(facts) === QUERY_SOURCE && table.stack.at(row) !== 0) ? TRAIT.located : traitIf(facts & MARK.stacks, TRAIT.located)) |
      traitIf(facts & MARK.queued, TRAIT.queued) |
      (table.firstQuery.at(row + 1) - table.firstQuery.at(row) >= MANY - 1 ? TRAIT.many : 0) |
      traitIf(facts & MARK.nested, TRAIT.nested) |
      (table.stack.at(row) === 0 ? 0 : TRAIT.placed) |
      (isOpen ? TRAIT.open : 0) |
      (isOpen || (facts & MARK.overran) !== 0 || table.useMs.at(row) >= LASTING_MS ? TRAIT.lasting : 0) |
      ((facts & MARK.acquired) === 0 || table.waitMs.at(row) >= WAITED_MS ? TRAIT.waited : 0) |
      (this.#isBlocked(row, isOpen) ? TRAIT.blocked : 0)
    );
  }

  #isBlocked(row: number, isOpen: boolean): boolean {
    const { table } = this;
    const fromMs = this.startMs + table.t.at(row);
    const untilMs = isOpen ? Infinity : fromMs + table.waitMs.at(row) + table.useMs.at(row);
    const calm = this.#calm;
    // Nearly all lie where the one before them does: to look up the blocks around each of a million took 40 ms.
    if (fromMs >= calm.fromMs && untilMs <= calm.untilMs) return false;
    const { blocked } = this.recording;
    const next = firstBlockAfter(blocked, fromMs);
    const last = blocked[next - 1];
    calm.fromMs = last === undefined ? -Infinity : last.startMs + last.ms;
    calm.untilMs = blocked[next]?.startMs ?? Infinity;
    return calm.untilMs < untilMs;
  }

  /** Its statements alone: most of those who ask for these need no gaps. */
  queriesOf(row: number): Query[] {
    this.#turnTo(row);
    return (this.#lastQueries ??= this.#kept.get(row)?.queries ?? this.#makeQueries(row));
  }

  detailsOf(row: number): Details {
    this.#turnTo(row);
    return (this.#last ??= this.#kept.get(row) ?? this.#makeDetails(row));
  }

  #turnTo(row: number): void {
    if (row === this.#lastRow) return;
    this.#lastRow = row;
    this.#lastQueries = null;
    this.#last = null;
  }

  keep(row: number): void {
    this.#kept.set(row, this.detailsOf(row));
  }

  inherit(row: number): void {
    this.#inherited.add(row);
    if (this.#lastRow === row) this.#last = null;
  }

  #complete(stack: Stack, first: Stack): Stack {
    let byFirst = this.#completed.get(stack);
    if (byFirst === undefined) this.#completed.set(stack, (byFirst = new Map<Stack, Stack>()));
    let complete = byFirst.get(first);
    if (complete === undefined) byFirst.set(first, (complete = { ...first, via: stack.via }));
    return complete;
  }

  /** How many statements, gaps, waits and transactions there are in a checkout, all together: from its columns where they tell. */
  countParts(row: number): number {
    const facts = this.table.facts.at(row);
    if ((facts & MARK.acquired) === 0) return 0;
    if ((facts & UNUSUAL) !== 0 || this.#kept.has(row)) {
      const { queries, gaps, transactions } = this.detailsOf(row);
      return gaps.reduce((sum, { waits }) => sum + waits.length, queries.length + gaps.length + transactions.length);
    }
    return countParts(this.table, row, this.#spanOf(row));
  }

  /** The longest gap in its transactions, less what was awaited in it; NaN where only the gaps themselves tell. */
  longestPause(row: number): number {
    const { table } = this;
    const facts = table.facts.at(row);
    const isPlain = (facts & (MARK.running | MARK.unsorted | MARK.overran)) === 0 && (facts & MARK.acquired) !== 0 && outcomeOf(facts) !== NO_OUTCOME;
    return isPlain && !this.#kept.has(row) && !this.#inherited.has(row) ? longestPause(table, row, this.#spanOf(row)) : Number.NaN;
  }

  /** Visits the gaps in its transactions: what ran before and after each. To be asked where `longestPause` is a number. */
  visitPauses(row: number, visit: (before: Statement, after: Statement | undefined) => void): void {
    const { statement } = this.table.queries;
    const rows = this.#pauses;
    const end = listPauses(this.table, row, this.#spanOf(row), rows);
    for (let at = 0; at < end; at += 2) {
      const after = rows[at + 1] as number;
      visit(this.statementOf(statement.at(rows[at] as number)), after < 0 ? undefined : this.statementOf(statement.at(after)));
    }
  }

  /** The same object each time: not to be kept. */
  #spanOf(row: number): Readonly<Span & { ended: boolean }> {
    const { table } = this;
    const span = this.#span;
    const requestedMs = this.startMs + table.t.at(row);
    const acquiredMs = requestedMs + table.waitMs.at(row);
    const ended = outcomeOf(table.facts.at(row)) !== NO_OUTCOME;
    span.requestedMs = requestedMs;
    span.acquiredMs = acquiredMs;
    span.ended = ended;
    span.endMs = ended ? acquiredMs + table.useMs.at(row) : Math.max(this.recording.endMs, acquiredMs);
    return span;
  }

  #makeDetails(row: number): Details {
    const { requestedMs, acquiredMs, endMs, ended } = this.#spanOf(row);
    const queries = this.queriesOf(row);
    const transactions = (this.table.facts.at(row) & MARK.transaction) === 0 ? [] : deriveTransactions(queries, endMs);
    const [first] = transactions;
    if (first !== undefined && this.#inherited.size > 0 && this.#inherited.has(row)) first.inherited = true;
    const gaps = deriveGaps({ acquiredMs, endMs, ended, queries, transactions }, this.#seenGaps(row), requestedMs, this.names.stackOf);
    return { queries, gaps, transactions };
  }

  #makeQueries(row: number): Query[] {
    const { table } = this;
    const requestedMs = this.startMs + table.t.at(row);
    const first = table.firstQuery.at(row);
    // A list that grows makes room for sixteen at once, and most checkouts have a handful: of what a report of a million checkouts allocated, such lists were a quarter.
    const queries = Array<Query>(table.firstQuery.at(row + 1) - first);
    for (let index = 0; index < queries.length; index += 1) queries[index] = new RecordedQuery(this, first + index, requestedMs);
    const facts = table.facts.at(row);
    const running = (facts & MARK.running) === 0 ? undefined : table.running.get(row);
    // A part may name as running what a later part has as ended.
    if (running !== undefined && !this.#hasStarted(row, running[1])) {
      const startMs = requestedMs + running[1];
      queries.push({ statement: this.statementOf(running[0]), startMs, ms: Math.max(0, this.#spanOf(row).endMs - startMs), status: null, error: '', queuedMs: 0, stack: this.names.stackOf(running[2]) });
    }
    return running !== undefined || (facts & MARK.unsorted) !== 0 ? queries.toSorted((a, b) => a.startMs - b.startMs) : queries;
  }

  #hasStarted(row: number, startMs: number): boolean {
    const { firstQuery, queries } = this.table;
    for (let query = firstQuery.at(row); query < firstQuery.at(row + 1); query += 1) if (queries.startMs.at(query) === startMs) return true;
    return false;
  }

  #seenGaps(row: number): SeenGap[] {
    const { firstGap, gaps } = this.table;
    const first = firstGap.at(row);
    const end = firstGap.at(row + 1);
    if (first === end) return NO_GAPS;
    const seen = Array<SeenGap>(end - first);
    for (let gap = first; gap < end; gap += 1) {
      const marks = gaps.marks.at(gap);
      seen[gap - first] = { t: gaps.startMs.at(gap), ms: gaps.ms.at(gap), ended: gaps.ended.at(gap), unwatched: (marks & GAP_MARK.unwatched) !== 0, open: (marks & GAP_MARK.open) !== 0, waits: this.#seenWaits(gap) };
    }
    return seen;
  }

  #seenWaits(gap: number): SeenWait[] {
    const { gaps, waits, texts } = this.table;
    const first = gaps.firstWait.at(gap);
    const seen = Array<SeenWait>(gaps.firstWait.at(gap + 1) - first);
    for (let index = 0; index < seen.length; index += 1) {
      const wait = first + index;
      seen[index] = {
        t: waits.startMs.at(wait),
        ms: waits.ms.at(wait),
        kind: WAIT_KINDS[waits.kind.at(wait)] as WaitKind,
        detail: texts[waits.detail.at(wait)] ?? '',
        started: waits.started.at(wait),
        awaited: waits.awaited.at(wait),
        foreign: (waits.marks.at(wait) & WAIT_MARK.foreign) !== 0,
      };
    }
    return seen;
  }
}

function traitIf(mark: number, trait: number): number {
  return mark === 0 ? 0 : trait;
}

/** By the row of the inner checkout. */
function findOuter({ length, id, nested }: CheckoutTable): Map<number, number> {
  const outer = new Map<number, number>();
  if (nested.row.length === 0) return outer;
  const rows = new Map<number, number>();
  for (let index = 0; index < nested.row.length; index += 1) rows.set(nested.inside.at(index), -1);
  for (let row = 0; row < length; row += 1) if (rows.has(id.at(row))) rows.set(id.at(row), row);
  for (let index = 0; index < nested.row.length; index += 1) {
    const found = rows.get(nested.inside.at(index)) ?? -1;
    if (found >= 0) outer.set(nested.row.at(index), found);
  }
  return outer;
}
