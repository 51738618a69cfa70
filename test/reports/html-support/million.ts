import type { Analysis, CallSite, Checkout, Connection, Gap, Pool, Query, Statement, Transaction } from '../../../reports/model.js';
import { OccurrenceSheet } from '../../../reports/rules/occurrences.js';
import { healthy } from './analyses.js';
import { stackOf } from './simulate.js';

const SITE = stackOf('placeOrder src/routes/orders.ts:88', 'handleOrder src/routes/orders.ts:141');
const STATEMENTS: Statement[] = ['BEGIN', 'select amount from ledger where account = $1', 'COMMIT'].map((text) => ({ text }));
const MAX = 20;
const HOUR_MS = 3_600_000;

/** What happened in it follows from its number: a million of them take little room. */
class LazyCheckout implements Checkout {
  readonly via = 'connect';
  readonly stack = SITE;
  readonly inside = null;
  readonly outcome = 'released';
  readonly error = '';

  constructor(
    private readonly number: number,
    readonly connection: Connection,
    readonly requestedMs: number,
    readonly acquiredMs: number,
    readonly endedMs: number,
  ) {}

  get id(): string {
    return `4711:${this.number + 1}`;
  }

  get pool(): Pool | null {
    return this.connection.pool;
  }

  get queries(): Query[] {
    const { acquiredMs: start, endedMs: end } = this;
    const query = (index: number, startMs: number, ms: number): Query => ({ statement: STATEMENTS[index] ?? { text: '' }, startMs, ms, status: index === 2 ? 'I' : 'T', error: '', queuedMs: 0, stack: SITE });
    return [query(0, start + 0.1, 0.5), query(1, start + 1, 1.5), query(2, end - 1, 0.9)];
  }

  get gaps(): Gap[] {
    const [startMs, ms] = [this.acquiredMs + 2.5, this.endedMs - 1 - (this.acquiredMs + 2.5)];
    return [{ startMs, ms, inTransaction: true, ended: SITE, open: false, waits: [{ startMs, ms, kind: 'http', detail: 'GET warehouse.internal/stock/:id', started: SITE, awaited: SITE, foreign: false }] }];
  }

  get transactions(): Transaction[] {
    return [{ startMs: this.acquiredMs + 0.1, ms: this.endedMs - this.acquiredMs - 0.2, status: 'I', queries: this.queries, gaps: this.gaps }];
  }
}

/** An hour of a pool of twenty: a million checkouts, of which those of the second half had to wait; and a finding of all of them. */
export function million(): Analysis {
  const analysis = healthy();
  const { timeline, report } = analysis;
  const [recording] = timeline.recordings;
  const [first] = timeline.pools;
  if (recording === undefined || first === undefined) throw new Error('no pool');
  recording.endMs = HOUR_MS;
  const pool: Pool = { ...first, max: MAX };
  const connections = Array.from({ length: MAX }, (_, i): Connection => ({ id: `4711:${i + 1}`, pool, backend: 30_100 + i, connectingMs: 0, connectedMs: 5, closedMs: null, error: null }));
  const sheet = new OccurrenceSheet(pool, HOUR_MS);
  const decomposition = { holdMs: 0, sqlMs: 0, awaitMs: 0, blockedMs: 0, idleMs: 0 };
  const checkouts: Checkout[] = [];
  let state = 5;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  for (const connection of connections) {
    for (let acquired = 10 + random(); acquired < HOUR_MS - 200; ) {
      const useMs = 20 + random() * 80;
      const waitMs = acquired < HOUR_MS / 2 ? 0.01 : random() * 60;
      const checkout = new LazyCheckout(checkouts.length, connection, acquired - waitMs, acquired, acquired + useMs);
      checkouts.push(checkout);
      const { queries: [begin, select, commit], gaps: [gap] } = checkout;
      sheet.add({ checkout, startMs: gap?.startMs ?? 0, ms: gap?.ms ?? 0, statements: [select?.statement.text ?? '', commit?.statement.text ?? ''] });
      const sqlMs = (begin?.ms ?? 0) + (select?.ms ?? 0) + (commit?.ms ?? 0);
      const parts = { holdMs: useMs, sqlMs, awaitMs: gap?.ms ?? 0, blockedMs: 0, idleMs: useMs - sqlMs - (gap?.ms ?? 0) };
      sheet.holds.add(acquired, parts);
      for (const key of ['holdMs', 'sqlMs', 'awaitMs', 'idleMs'] as const) decomposition[key] += parts[key];
      acquired += useMs + 0.5 + random() * 22;
    }
  }
  checkouts.sort((a, b) => a.requestedMs - b.requestedMs);
  const longest = checkouts.reduce((a, b) => ((b.endedMs ?? 0) - (b.acquiredMs ?? 0) > (a.endedMs ?? 0) - (a.acquiredMs ?? 0) ? b : a));
  const totalMs = checkouts.reduce((sum, c) => sum + (c.endedMs ?? 0) - (c.acquiredMs ?? 0) - 3.5, 0);
  const callSite = SITE.frames[0] as CallSite;
  const numbers = { p50Ms: 60, p90Ms: 92, p99Ms: 99, maxMs: 100 };
  report.verdict = 'findings';
  report.summary = 'A transaction stays open while placeOrder waits for GET warehouse.internal/stock/:id, 94 % of all connection time.';
  report.run.durationMs = HOUR_MS;
  report.pools = [{ id: pool.id, max: MAX, checkouts: checkouts.length, wait: { ...numbers, p50Ms: 0 }, use: numbers, pendingMax: MAX, exhaustedMs: HOUR_MS / 2 }];
  report.findings = [
    {
      rule: 'await-in-transaction', severity: 'error', fingerprint: 'a41f09c2d7a41f09', title: 'A transaction stays open while placeOrder waits for GET warehouse.internal/stock/:id', callSite, frames: SITE.frames, via: null,
      count: checkouts.length, totalMs, maxMs: 96, advice: 'Ask before BEGIN.',
      evidence: { shareOfUse: 0.94, examples: [{ checkout: longest.id, startMs: longest.acquiredMs ?? 0, ms: 96 }], decomposition, statements: STATEMENTS.map(({ text }) => text), facts: {} },
    },
  ];
  return { ...analysis, timeline: { ...timeline, pools: [pool], connections, checkouts, endMs: HOUR_MS }, occurrences: new Map([['a41f09c2d7a41f09', [sheet.finish()]]]) };
}
