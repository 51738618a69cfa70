import type { Analysis, Checkout, Example, Finding, PoolSummary, Report, SourceExcerpt, Timeline, Verdict } from '../../../reports/model.js';
import { reducePoolSeries } from '../../../reports/html/pool-steps.js';
import { percentiles } from '../../../reports/summarise-pools.js';
import { poolSeries } from '../../../reports/timeline/pool-series.js';
import { randomFrom, simulate, stackOf, type Step } from './simulate.js';

const ORDERS = `import { pool } from '../database.js';
import { checkStock } from '../stock.js';

/** Places an order: the basket's lines become an order's lines. */
export async function placeOrder(basket: Basket): Promise<Order> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('select now()');
    // The warehouse answers when it likes.
    const stock = await fetch(\`\${WAREHOUSE}/stock/\${basket.id}\`);
    if (!stock.ok) throw new OutOfStock(basket.id);
    await client.query('insert into orders (basket, placed_at) values ($1, $2)', [basket.id, rows[0].now]);
    await client.query('COMMIT');
    return { placedAt: rows[0].now };
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}`.split('\n');

const SITE = stackOf('placeOrder src/routes/orders.ts:88', 'handleOrder src/routes/orders.ts:141', 'dispatch src/server.ts:31');
const SLOW = stackOf('listReports src/routes/reports.ts:27', 'dispatch src/server.ts:31');

export const EXCERPT: SourceExcerpt = { file: 'src/routes/orders.ts', firstLine: 78, lines: ORDERS };

/** A pool of ten, two minutes, a hundred milliseconds of `fetch` in each transaction; at sixty seconds there are more clients than connections. */
export function flagship(): Analysis {
  const random = randomFrom(7);
  const handler = (n: number): Step[] => [
    { do: 'query', text: 'BEGIN', ms: 0.4 + random() * 0.3, status: 'T', stack: SITE },
    { do: 'idle', ms: 0.1 },
    { do: 'query', text: 'select now()', ms: 0.6 + random(), status: 'T', stack: SITE },
    { do: 'await', ms: 92 + random() * 30 + (n % 97 === 0 ? 700 * random() : 0), kind: 'http', detail: 'GET warehouse.internal/stock/:id', stack: SITE },
    ...(n % 9 === 0 ? ([{ do: 'query', text: 'select sum(amount) from ledger where account = $1', ms: 60 + random() * 90, status: 'T', stack: SLOW }, { do: 'idle', ms: 6 }] as const) : []),
    { do: 'query', text: 'insert into orders (basket, placed_at) values ($1, $2)', ms: 1.2 + random() * 2, status: 'T', stack: SITE },
    { do: 'idle', ms: 0.2 },
    { do: 'query', text: 'COMMIT', ms: 1 + random() * 3, status: 'I', stack: SITE },
  ];
  const timeline = simulate({ steps: [[0, 4], [30_000, 10], [60_000, 11], [80_000, 24], [100_000, 10]], endMs: 120_000, max: 10, handler, thinkMs: 3 });
  retire(timeline, 100_000);
  const recording = timeline.recordings[0];
  recording?.blocked.push({ startMs: 91_200, ms: 340, stack: stackOf('renderInvoice src/invoice.ts:52') });
  const finding = awaitFinding(timeline);
  const report = reportOf(timeline, 'findings', [finding, slowFinding(timeline), starvation(timeline)]);
  report.summary = 'At 11 and more concurrent requests the pool of 10 is starved: 85 % of its connection time goes to src/routes/orders.ts:88, awaiting GET warehouse.internal/stock/:id inside an open transaction.';
  report.episodes = [
    { pool: '4711:1', startMs: 60_050, endMs: 80_000, cause: 'held-idle', pendingMax: 1, blame: [{ callSite: SITE.frames[0] ?? null, doing: 'awaiting GET warehouse.internal/stock/:id', share: 0.89 }, { callSite: SLOW.frames[0] ?? null, doing: 'running select sum(amount) from ledger where account = $1', share: 0.11 }] },
    { pool: '4711:1', startMs: 80_020, endMs: 100_100, cause: 'held-idle', pendingMax: 14, blame: [{ callSite: SITE.frames[0] ?? null, doing: 'awaiting GET warehouse.internal/stock/:id', share: 0.86 }, { callSite: SLOW.frames[0] ?? null, doing: 'running select sum(amount) from ledger where account = $1', share: 0.14 }] },
  ];
  const sources = new Map([['src/routes/orders.ts:88', EXCERPT], ['src/routes/orders.ts:141', { file: 'src/routes/orders.ts', firstLine: 139, lines: ['export async function handleOrder(request: Request) {', '  const basket = await readBasket(request);', '  const order = await placeOrder(basket);', '  return json(order, 201);', '}'] }]]);
  return { report, timeline, sources };
}

/** The same service with the fetch before the transaction. */
export function healthy(): Analysis {
  const random = randomFrom(11);
  const handler = (): Step[] => [
    { do: 'query', text: 'BEGIN', ms: 0.4 + random() * 0.3, status: 'T', stack: SITE },
    { do: 'query', text: 'insert into orders (basket, placed_at) values ($1, $2)', ms: 2 + random() * 8, status: 'T', stack: SITE },
    { do: 'query', text: 'COMMIT', ms: 1 + random() * 3, status: 'I', stack: SITE },
  ];
  const timeline = simulate({ steps: [[0, 4], [8000, 10], [16_000, 14]], endMs: 24_000, max: 10, handler, thinkMs: 60 });
  const report = reportOf(timeline, 'healthy', []);
  report.summary = 'Healthy: in 24 s no request waited more than 3 ms for a connection, and the pool of 10 never had all of them in use for longer than 41 ms.';
  return { report, timeline, sources: new Map() };
}

/** A run of half a second in which hardly anything happened. */
export function inconclusive(): Analysis {
  const timeline = simulate({ steps: [[0, 1]], endMs: 480, max: 10, handler: () => [{ do: 'query', text: 'select 1', ms: 0.8, status: 'I', stack: SITE }], thinkMs: 130 });
  const recording = timeline.recordings[0];
  if (recording !== undefined) Object.assign(recording, { complete: false, exitCode: null, lostEvents: 1200, problems: [{ where: 'pg-pool connect', message: 'release was called twice' }] });
  const report = reportOf(timeline, 'inconclusive', []);
  report.summary = 'Inconclusive: the service made 3 checkouts in 0.5 s, too few to say anything about its pool.';
  report.missing = ['At least 100 checkouts: drive the service with --load URL, or use it while it is recorded.', 'The end of the trace of process 4711: it was killed, so the last events may be missing.'];
  report.lost = { events: 1200, probeErrors: 1, badLines: 0 };
  return { report, timeline, sources: new Map() };
}

/** A trace with no pool in it at all. */
export function empty(): Analysis {
  const timeline: Timeline = { recordings: [], pools: [], connections: [], checkouts: [], startMs: 0, endMs: 0 };
  const report = reportOf(timeline, 'inconclusive', []);
  report.summary = 'Inconclusive: the program never used a connection pool.';
  report.missing = ['A program that uses pg.'];
  return { report, timeline, sources: new Map() };
}

export const HOSTILE = `</script><script>window.hacked=1</script><img src=x onerror="window.hacked=2">\u2028\u2029<!--<script>"'\`\${1}\u202Egnp\u0000&lt;a href="javascript:window.hacked=3">`;

/** The flagship with markup in every text. */
export function hostile(): Analysis {
  const analysis = flagship();
  const { report, timeline } = analysis;
  const bad = stackOf('f src/x.ts:1');
  for (const frame of bad.frames) Object.assign(frame, { function: HOSTILE, file: HOSTILE });
  for (const checkout of timeline.checkouts.slice(0, 200)) {
    checkout.stack = bad;
    checkout.error = HOSTILE;
    for (const query of checkout.queries) Object.assign(query, { statement: { text: HOSTILE }, error: HOSTILE, stack: bad });
    for (const gap of checkout.gaps) for (const wait of gap.waits) Object.assign(wait, { detail: HOSTILE, started: bad, awaited: bad });
  }
  report.summary = `Starved: 85 % at ${HOSTILE}`;
  report.missing = [HOSTILE];
  for (const process of report.run.processes) process.script = HOSTILE;
  report.run.cwd = HOSTILE;
  for (const finding of report.findings) {
    const site = { file: HOSTILE, function: HOSTILE, line: 1, column: 1 };
    Object.assign(finding, { title: HOSTILE, advice: HOSTILE, fingerprint: HOSTILE, callSite: site, frames: [site], via: { package: HOSTILE, version: HOSTILE, file: HOSTILE, line: 1, function: HOSTILE } });
    finding.evidence.statements = [HOSTILE];
    finding.evidence.facts = { [HOSTILE]: HOSTILE };
  }
  for (const episode of report.episodes) for (const blame of episode.blame) blame.doing = HOSTILE;
  return { report, timeline, sources: new Map([[`${HOSTILE}:1`, { file: HOSTILE, firstLine: 1, lines: [HOSTILE] }]]) };
}

/** A busy hour: about `checkouts` of them, far more than a page can hold. */
export function big(checkouts = 200_000): Analysis {
  const random = randomFrom(3);
  const handler = (): Step[] => [
    { do: 'query', text: 'BEGIN', ms: 0.3 + random(), status: 'T', stack: SITE },
    { do: 'await', ms: 5 + random() * 30, kind: 'http', detail: 'GET warehouse.internal/stock/:id', stack: SITE },
    { do: 'query', text: 'COMMIT', ms: 0.5 + random() * 2, status: 'I', stack: SITE },
  ];
  const endMs = checkouts * 1.25;
  const timeline = simulate({ steps: [[0, 18], [endMs / 2, 25], [(endMs * 2) / 3, 40]], endMs, max: 20, handler, thinkMs: 1 });
  const report = reportOf(timeline, 'findings', [awaitFinding(timeline)]);
  report.summary = 'The pool of 20 is starved: 91 % of its connection time goes to src/routes/orders.ts:88.';
  return { report, timeline, sources: new Map([['src/routes/orders.ts:88', EXCERPT]]) };
}

/** The same busy process, so many times. */
export function manyPools(count: number): Analysis {
  const { report, timeline, sources } = healthy();
  const copies = Array.from({ length: count }, (_, n) => {
    const pools = new Map(timeline.pools.map((pool) => [pool, { ...pool, id: `${n}:1` }]));
    const poolOf = (pool: Checkout['pool']): Checkout['pool'] => (pool === null ? null : (pools.get(pool) ?? null));
    const connections = new Map(timeline.connections.map((connection) => [connection, { ...connection, id: `${n}:${connection.id}`, pool: poolOf(connection.pool) }]));
    const checkouts = timeline.checkouts.map((c) => ({ ...c, id: `${n}:${c.id}`, pool: poolOf(c.pool), connection: c.connection === null ? null : (connections.get(c.connection) ?? null) }));
    return { pools: [...pools.values()], connections: [...connections.values()], checkouts };
  });
  return {
    report,
    sources,
    timeline: { ...timeline, pools: copies.flatMap((c) => c.pools), connections: copies.flatMap((c) => c.connections), checkouts: copies.flatMap((c) => c.checkouts) },
  };
}

/** After `fromMs` there are no more clients than connections: nobody waits any longer. */
function retire(timeline: Timeline, fromMs: number): void {
  const kept: Checkout[] = [];
  for (const checkout of timeline.checkouts) {
    if (checkout.requestedMs < fromMs) kept.push(checkout);
    else kept.push({ ...checkout, requestedMs: (checkout.acquiredMs ?? 0) - 0.02 });
  }
  timeline.checkouts = kept.toSorted((a, b) => a.requestedMs - b.requestedMs);
}

function awaitFinding(timeline: Timeline): Finding {
  const examples: Example[] = [];
  let totalMs = 0;
  let sqlMs = 0;
  let holdMs = 0;
  for (const checkout of timeline.checkouts) {
    holdMs += useOf(checkout);
    for (const query of checkout.queries) sqlMs += query.ms;
    for (const gap of checkout.gaps) {
      for (const wait of gap.waits) {
        totalMs += wait.ms;
        examples.push({ checkout: checkout.id, startMs: wait.startMs, ms: wait.ms });
      }
    }
  }
  const longest = examples.toSorted((a, b) => b.ms - a.ms);
  return {
    rule: 'await-in-transaction', severity: 'error', fingerprint: 'a41f09c2d7', count: examples.length, totalMs, maxMs: longest[0]?.ms ?? 0,
    title: `placeOrder awaits GET warehouse.internal/stock/:id inside an open transaction (src/routes/orders.ts:88)`,
    callSite: SITE.frames[0] ?? null, frames: SITE.frames, via: null,
    evidence: {
      shareOfUse: totalMs / holdMs, examples: longest.slice(0, 10), decomposition: { holdMs, sqlMs, awaitMs: totalMs, blockedMs: holdMs * 0.004, idleMs: Math.max(0, holdMs * 0.996 - sqlMs - totalMs) },
      statements: ['BEGIN', 'select now()', 'insert into orders (basket, placed_at) values ($1, $2)', 'COMMIT'],
      facts: { awaited: 'GET warehouse.internal/stock/:id', kind: 'http', meanMs: totalMs / examples.length },
    },
    advice: 'Ask the warehouse before BEGIN, or after COMMIT: nothing between the two statements needs its answer.\n\nA transaction holds its connection until it ends. While placeOrder awaits the network, ten such requests leave nothing for the eleventh.\n\n- Move the fetch above pool.connect() and pass its result in.\n- If the answer decides whether to commit, reserve first, ask then, confirm in a second short transaction.',
  };
}

function slowFinding(timeline: Timeline): Finding {
  const slow = timeline.checkouts.flatMap((checkout) => checkout.queries.filter((q) => q.ms > 50).map((q) => ({ checkout: checkout.id, startMs: q.startMs, ms: q.ms })));
  const totalMs = slow.reduce((sum, example) => sum + example.ms, 0);
  const holdMs = timeline.checkouts.reduce((sum, checkout) => sum + useOf(checkout), 0);
  return {
    rule: 'long-transaction', severity: 'warning', fingerprint: '77b0c4e1a2', count: slow.length, totalMs, maxMs: Math.max(...slow.map((s) => s.ms)),
    title: 'listReports keeps a transaction open for up to 251 ms (src/routes/reports.ts:27)',
    callSite: SLOW.frames[0] ?? null, frames: SLOW.frames, via: { package: 'typeorm', version: '0.3.27', file: 'node_modules/typeorm/driver/postgres/PostgresQueryRunner.js', line: 183, function: 'PostgresQueryRunner.query' },
    evidence: { shareOfUse: totalMs / holdMs, examples: slow.toSorted((a, b) => b.ms - a.ms).slice(0, 10), decomposition: { holdMs: totalMs * 1.6, sqlMs: totalMs, awaitMs: totalMs * 0.5, blockedMs: 0, idleMs: totalMs * 0.1 }, statements: ['select sum(amount) from ledger where account = $1'], facts: { limitMs: 200 } },
    advice: 'Give the ledger an index on (account), or read the sum outside the transaction.',
  };
}

function starvation(timeline: Timeline): Finding {
  const waited = timeline.checkouts.map((c) => ({ checkout: c.id, startMs: c.requestedMs, ms: (c.acquiredMs ?? 0) - c.requestedMs })).toSorted((a, b) => b.ms - a.ms);
  return {
    rule: 'pool-starvation', severity: 'error', fingerprint: '0cc8d91e55', count: 2, totalMs: 40_030, maxMs: 20_080, title: 'Requests waited for a connection in 2 episodes, for up to 276 ms: the pool was held idle', callSite: SITE.frames[0] ?? null, frames: SITE.frames.slice(0, 1), via: null,
    evidence: { shareOfUse: null, examples: waited.slice(0, 5), decomposition: null, statements: [], facts: { cause: 'held-idle', waiters: waited.filter((w) => w.ms > 1).length, pendingMax: 14 } },
    advice: 'Remove the cause above before you raise the pool\'s size: a bigger pool moves the limit, it does not remove it.',
  };
}

function reportOf(timeline: Timeline, verdict: Verdict, findings: Finding[]): Report {
  return {
    schemaVersion: 1, tool: { name: 'pg-lifeguard', version: '0.1.0' }, verdict, summary: '', missing: [], notes: [], episodes: [], findings, lost: { events: 0, probeErrors: 0, badLines: 0 },
    run: {
      startedAt: '2026-05-28T20:26:40.000Z', durationMs: timeline.endMs, cwd: '/home/ada/shop',
      processes: timeline.recordings.map((r) => ({ pid: r.header.pid, thread: 0, script: r.header.script, node: r.header.node, complete: r.complete, exitCode: r.exitCode })),
    },
    pools: timeline.pools.map((pool): PoolSummary => {
      const { steps, exhausted } = reducePoolSeries(poolSeries(timeline, pool), pool.max, timeline.endMs, 1e9);
      return {
        id: pool.id, max: pool.max, checkouts: timeline.checkouts.length, wait: percentiles(timeline.checkouts.map((c) => (c.acquiredMs ?? 0) - c.requestedMs)), use: percentiles(timeline.checkouts.map(useOf)),
        pendingMax: steps.reduce((most, step) => Math.max(most, step.pending), 0), exhaustedMs: exhausted.reduce((sum, [, ms, breaksMs]) => sum + ms - breaksMs, 0),
      };
    }),
  };
}

function useOf(checkout: Checkout): number {
  return checkout.acquiredMs === null ? 0 : (checkout.endedMs ?? checkout.acquiredMs) - checkout.acquiredMs;
}
