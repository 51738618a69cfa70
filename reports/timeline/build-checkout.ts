import type { CheckoutLine, RawGap, RawQuery } from '../../probes/trace/events.js';
import type { Checkout, Connection, Pool, Query, Recording, Stack, Statement } from '../model.js';
import { deriveGaps } from './derive-gaps.js';
import { deriveTransactions } from './derive-transactions.js';

/** What the ids of one trace stand for. */
export interface Names {
  recording: Recording;
  pools: Map<number, Pool>;
  connections: Map<number, Connection>;
  statementOf: (id: number) => Statement;
  stackOf: (id: number | undefined) => Stack | null;
}

const NO_QUERIES: RawQuery[] = [];
const NO_GAPS: RawGap[] = [];

/** `inside` is left null: the other checkout may not have been built yet. */
export function buildCheckout(line: CheckoutLine, names: Names): Checkout {
  const { recording } = names;
  const requestedMs = recording.startMs + line.t;
  const { acquiredMs, endedMs } = edges(line, requestedMs);
  const checkout: Checkout = {
    id: `${recording.key}:${line.id}`,
    pool: names.pools.get(line.pool) ?? null,
    connection: line.connection === undefined ? null : (names.connections.get(line.connection) ?? null),
    via: line.via,
    stack: names.stackOf(line.stack),
    inside: null,
    requestedMs,
    acquiredMs,
    endedMs,
    outcome: line.outcome ?? null,
    error: line.error ?? '',
    queries: [],
    gaps: [],
    transactions: [],
  };
  if (acquiredMs === null) return checkout;
  const endMs = endedMs ?? Math.max(recording.endMs, acquiredMs);
  const queries = buildQueries(line, requestedMs, endMs, names);
  const transactions = deriveTransactions(queries, endMs);
  const hold = { acquiredMs, endMs, ended: endedMs !== null, queries, transactions };
  checkout.queries = queries;
  // A library may have asked for it in a breath of its own: its first statement then comes from the same place.
  const [first] = queries;
  if (checkout.stack?.frames.length === 0 && first?.stack?.frames.length) checkout.stack = { ...first.stack, via: checkout.stack.via };
  checkout.transactions = transactions;
  checkout.gaps = deriveGaps(hold, line.gaps ?? NO_GAPS, requestedMs, names.stackOf);
  return checkout;
}

function edges(line: CheckoutLine, requestedMs: number): { acquiredMs: number | null; endedMs: number | null } {
  const servedMs = requestedMs + (line.waitMs ?? 0);
  switch (line.outcome) {
    case 'timeout':
    case 'failed':
      return { acquiredMs: null, endedMs: servedMs };
    case 'released':
    case 'destroyed':
      return { acquiredMs: servedMs, endedMs: servedMs + (line.useMs ?? 0) };
    case undefined:
      return { acquiredMs: line.connection === undefined && line.waitMs === undefined ? null : servedMs, endedMs: null };
    default:
      return { acquiredMs: null, endedMs: null };
  }
}

function buildQueries(line: CheckoutLine, baseMs: number, endMs: number, names: Names): Query[] {
  const queries: Query[] = [];
  let sorted = true;
  let lastMs = -Infinity;
  for (const [statement, start, ms, status = 'I', error = '', queuedMs = 0, stack] of line.q ?? NO_QUERIES) {
    const startMs = baseMs + start;
    if (startMs < lastMs) sorted = false;
    lastMs = startMs;
    queries.push({ statement: names.statementOf(statement), startMs, ms, status, error, queuedMs, stack: names.stackOf(stack) });
  }
  const { running } = line;
  // A part may name as running what a later part has as ended.
  if (running !== undefined && running !== null && !isEnded(line, running[1])) {
    const startMs = baseMs + running[1];
    queries.push({
      statement: names.statementOf(running[0]),
      startMs,
      ms: Math.max(0, endMs - startMs),
      status: null,
      error: '',
      queuedMs: 0,
      stack: names.stackOf(running[2]),
    });
    if (startMs < lastMs) sorted = false;
  }
  return sorted ? queries : queries.toSorted((a, b) => a.startMs - b.startMs);
}

function isEnded(line: CheckoutLine, start: number): boolean {
  return line.q?.some((query) => query[1] === start) ?? false;
}
