import { adviseDeadlock } from '../advice/pool-deadlock.js';
import type { Stack } from '../model.js';
import { describeCycle, type Deadlock } from '../starvation/find-deadlocks.js';
import { siteOf } from '../timeline/locate.js';
import { sayFunction, sayMany, sayMs, sayPlace, sayTimes } from '../words.js';
import type { Group } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

/** All connections are held by flows that wait for one more of them. A proof, not a suspicion: none of them went on. */
export const poolDeadlock: Rule = {
  id: 'pool-deadlock',
  sharesUse: false,
  *offences(context: Context) {
    for (const [index, deadlock] of context.deadlocks().entries()) yield offenceOf(deadlock, index, context);
  },
  severity: () => 'error',
  title(group, _share, context) {
    const deadlock = worstOf(group, context);
    const { flows, pools, holders, behind, timedOut } = deadlock;
    const max = pools.length === 1 ? `all ${pools[0]?.max ?? 0} connections of a pool` : `all connections of ${pools.length} pools`;
    const held = holders.size === 1 && pools.length === 1 ? 'the only connection of a pool' : max;
    const who = flows === 1 ? `One flow holds ${held} and waits` : `${flows} flows hold ${held} and wait`;
    const more = behind === 0 ? '' : `, ${sayMany(behind, 'more request')} behind them`;
    const end = timedOut ? `until requests timed out after ${sayMs(group.maxMs)}` : `for ${sayMs(group.maxMs)}, until the recording ended`;
    const times = group.count === 1 ? '' : `, ${sayTimes(group.count)}`;
    return `${who} for one more at ${sayFunction(group.site)}${more}: nobody could go on, ${end}${times}`;
  },
  advice(group, context) {
    const deadlock = worstOf(group, context);
    const hasTimeout = deadlock.pools.some(({ acquireTimeoutMs }) => acquireTimeoutMs > 0);
    return adviseDeadlock(smallestPool(deadlock), deadlock.timedOut ? 'timeout' : hasTimeout ? 'timeout later' : 'nothing');
  },
  facts(group, context) {
    const deadlock = worstOf(group, context);
    const smallest = smallestPool(deadlock);
    return {
      flows: deadlock.flows,
      behind: deadlock.behind,
      pools: deadlock.pools.map(({ id, max }) => `${id} (max ${max})`).join(', '),
      depth: deadlock.depth,
      ...(smallest === null ? {} : { smallestSafePool: smallest, safePoolRule: 'flows at once × (depth − 1) + 1' }),
      endedBy: deadlock.timedOut ? 'a timeout' : 'the end of the trace',
      heldFrom: [...new Set([...deadlock.holders.keys()].map((holder) => siteOf(context.places.ofCheckout(holder).stack)).filter((site) => site !== null).map(sayPlace))].join(', '),
    };
  },
  cycle: (group, context) => describeCycle(worstOf(group, context), context.places),
};

function offenceOf(deadlock: Deadlock, index: number, { places }: Context): Offence {
  const [first] = deadlock.members;
  const stacks = deadlock.members.map((member) => places.ofNested(member).stack);
  const checkout = first?.outer;
  if (checkout === undefined) throw new Error('a deadlock without members');
  return {
    checkout,
    startMs: deadlock.startMs,
    ms: deadlock.endMs - deadlock.startMs,
    stack: mostFrequent(stacks),
    shape: '',
    statement: '',
    statements: checkout.queries.slice(-2).map(({ statement }) => statement.text),
    words: { deadlock: String(index) },
  };
}

function mostFrequent(stacks: readonly (Stack | null)[]): Stack | null {
  const counts = new Map<Stack | null, number>();
  for (const stack of stacks) counts.set(stack, (counts.get(stack) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** The one with the most flows; of those, the longest. */
function worstOf(group: Group, context: Context): Deadlock {
  const all = context.deadlocks();
  const own = [...(group.words.get('deadlock')?.keys() ?? [])].map((index) => all[Number(index)]).filter((deadlock) => deadlock !== undefined);
  const [worst] = own.toSorted((a, b) => b.flows - a.flows || b.endMs - b.startMs - (a.endMs - a.startMs));
  if (worst === undefined) throw new Error('a group without deadlocks');
  return worst;
}

/** For the flows that were there: those in it, and those behind them, which may well do the same. */
function smallestPool({ pools, flows, behind, depth }: Deadlock): number | null {
  return pools.length === 1 ? (flows + behind) * (depth - 1) + 1 : null;
}
