import { adviseOvercommit } from '../advice/pool-overcommit.js';
import type { Checkout, Connection, Pool } from '../model.js';
import { sayMany, sayPlace } from '../words.js';
import { checkoutsOf } from '../timeline/checkout-list.js';
import { siteOf } from '../timeline/locate.js';
import { rankWords, type Group } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

/** The server has no room for one more: too many clients, or none left but those that are reserved. */
const TOO_MANY = '53300';
const REFUSED = 'refused';
const FORESEEN = 'foreseen';

/**
 * The pools of all processes together may open more connections than the server allows. Proven where it refused one; where
 * its limit is told (`maxConnections`), foreseen.
 */
export const poolOvercommit: Rule = {
  id: 'pool-overcommit',
  sharesUse: false,
  *offences(context: Context) {
    const { timeline, limits } = context;
    const refused = timeline.connections.filter((connection) => connection.error === TOO_MANY && connection.pool !== null);
    if (refused.length > 0) {
      for (const connection of refused) {
        const offence = refusalOf(connection, context);
        if (offence !== null) yield offence;
      }
      return;
    }
    if (limits.maxConnections <= 0) return;
    const worst = timeline.pools.map((pool) => poolsAt(timeline.pools, pool.firstMs)).toSorted((a, b) => sumOf(b) - sumOf(a))[0] ?? [];
    if (sumOf(worst) <= limits.maxConnections) return;
    for (const pool of worst) {
      const checkout = checkoutsOf(timeline).byPool.get(pool)?.at(0);
      if (checkout !== undefined) yield { ...offenceOf(pool, checkout, worst, FORESEEN), startMs: pool.firstMs, ms: 0 };
    }
  },
  severity: (group) => (group.shape === REFUSED ? 'error' : 'warning'),
  title(group, _share, { limits }) {
    const { pools, sum, processes, open } = numbersOf(group);
    const who = `${sayMany(pools, 'pool')} of ${processes === 1 ? 'one process' : `${processes} processes`} may open ${sum} connections`;
    if (group.shape === FORESEEN) return `${who}, and the server allows ${limits.maxConnections}`;
    return `${who}; with ${open} of them open, the server refused one more, ${group.count === 1 ? 'once' : `${group.count} times`}`;
  },
  advice: (group) => adviseOvercommit(group.shape === REFUSED),
  facts(group, { limits }) {
    const { pools, sum, processes, open } = numbersOf(group);
    return {
      pools,
      processes,
      connectionsPossible: sum,
      ...(group.shape === REFUSED ? { refused: group.count, openWhenRefused: open } : {}),
      ...(limits.maxConnections > 0 ? { maxConnections: limits.maxConnections } : {}),
      madeAt: rankWords(group.words.get('madeAt')).map(([word]) => word).slice(0, 5).join(', '),
    };
  },
};

function refusalOf(connection: Connection, { timeline }: Context): Offence | null {
  const pool = connection.pool as Pool;
  const ms = connection.closedMs ?? connection.connectingMs;
  const own = [...(checkoutsOf(timeline).byPool.get(pool) ?? [])].filter(({ requestedMs }) => requestedMs <= ms);
  const checkout = own.findLast(({ acquiredMs, endedMs }) => (acquiredMs ?? endedMs ?? Infinity) >= ms) ?? own.at(-1);
  if (checkout === undefined) return null;
  const open = timeline.connections.filter(({ connectedMs, closedMs }) => connectedMs !== null && connectedMs <= ms && (closedMs ?? Infinity) > ms).length;
  return { ...offenceOf(pool, checkout, poolsAt(timeline.pools, ms), REFUSED), startMs: connection.connectingMs, ms: ms - connection.connectingMs, sums: {}, words: { ...wordsOf(pool, poolsAt(timeline.pools, ms)), open: String(open) } };
}

function offenceOf(pool: Pool, checkout: Checkout, pools: readonly Pool[], shape: string): Omit<Offence, 'startMs' | 'ms'> {
  return { checkout, stack: pool.madeAt, shape, statement: '', statements: [], words: wordsOf(pool, pools) };
}

function wordsOf(pool: Pool, pools: readonly Pool[]): Record<string, string> {
  const site = siteOf(pool.madeAt);
  return {
    sum: String(sumOf(pools)),
    pools: String(pools.length),
    processes: String(new Set(pools.map(({ recording }) => recording)).size),
    ...(site === null ? {} : { madeAt: sayPlace(site) }),
  };
}

/** Those that are there at a time. */
function poolsAt(pools: readonly Pool[], ms: number): Pool[] {
  return pools.filter(({ firstMs, recording }) => firstMs <= ms && recording.endMs >= ms);
}

function sumOf(pools: readonly Pool[]): number {
  return pools.reduce((sum, { max }) => sum + max, 0);
}

function numbersOf(group: Group): { pools: number; sum: number; processes: number; open: number } {
  const greatest = (name: string): number => Math.max(0, ...[...(group.words.get(name)?.keys() ?? [])].map(Number));
  return { pools: greatest('pools'), sum: greatest('sum'), processes: greatest('processes'), open: greatest('open') };
}
