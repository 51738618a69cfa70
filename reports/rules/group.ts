import type { CallSite, Checkout, Decomposition, Example, Pool, Stack } from '../model.js';
import { siteOf } from '../timeline/locate.js';
import { OccurrenceSheet } from './occurrences.js';
import type { Context, Offence } from './rule.js';

const EXAMPLES = 10;

/** How often a word occurred, and for how long. */
export interface Tally {
  count: number;
  ms: number;
}

/** The occurrences that make one finding, added up as they come: a million of them must not be kept. */
export interface Group {
  shape: string;
  count: number;
  totalMs: number;
  maxMs: number;
  /** Of the longest occurrence. */
  stack: Stack | null;
  site: CallSite | null;
  /** Longest first. */
  examples: Example[];
  pools: Set<Pool | null>;
  occurrences: Map<Pool | null, OccurrenceSheet>;
  decomposition: Decomposition;
  /** The hold that was added last: a hold with several occurrences is decomposed once. */
  lastCheckout: Checkout | null;
  identities: Map<string, Tally>;
  statements: Map<string, Tally>;
  words: Map<string, Map<string, Tally>>;
  sums: Map<string, number>;
}

export function newGroup({ shape }: Offence): Group {
  return {
    shape,
    count: 0,
    totalMs: 0,
    maxMs: -1,
    stack: null,
    site: null,
    examples: [],
    pools: new Set(),
    occurrences: new Map(),
    decomposition: { holdMs: 0, sqlMs: 0, awaitMs: 0, blockedMs: 0, idleMs: 0 },
    lastCheckout: null,
    identities: new Map(),
    statements: new Map(),
    words: new Map(),
    sums: new Map(),
  };
}

export function addOffence(group: Group, offence: Offence, context: Context): void {
  const { checkout, startMs, ms } = offence;
  group.count += 1;
  group.totalMs += ms;
  if (ms > group.maxMs) {
    group.maxMs = ms;
    group.stack = offence.stack;
    group.site = siteOf(offence.stack);
  }
  if (isWorse(group.examples, ms)) addExample(group.examples, { checkout: checkout.id, startMs, ms });
  group.pools.add(checkout.pool);
  const sheet = sheetOf(group, checkout.pool, context);
  sheet.add(offence);
  if (group.lastCheckout !== checkout) {
    group.lastCheckout = checkout;
    const parts = context.decompose(checkout);
    addUp(group.decomposition, parts);
    sheet.holds.add(checkout.acquiredMs ?? checkout.requestedMs, parts);
  }
  count(group.identities, offence.statement, 1, ms);
  for (const statement of offence.statements) count(group.statements, statement, 1, ms);
  for (const name of Object.keys(offence.words)) count(tallies(group, name), offence.words[name] as string, 1, ms);
  if (offence.sums !== undefined) for (const [name, amount] of Object.entries(offence.sums)) addSum(group, name, amount);
}

function sheetOf({ occurrences }: Group, pool: Pool | null, { timeline }: Context): OccurrenceSheet {
  let sheet = occurrences.get(pool);
  if (sheet === undefined) occurrences.set(pool, (sheet = new OccurrenceSheet(pool, timeline.endMs)));
  return sheet;
}

function addSum(group: Group, name: string, amount: number): void {
  group.sums.set(name, (group.sums.get(name) ?? 0) + amount);
}

function tallies(group: Group, name: string): Map<string, Tally> {
  let map = group.words.get(name);
  if (map === undefined) group.words.set(name, (map = new Map<string, Tally>()));
  return map;
}

function count(tallies: Map<string, Tally>, word: string, times: number, ms: number): void {
  const tally = tallies.get(word);
  if (tally === undefined) {
    tallies.set(word, { count: times, ms });
  } else {
    tally.count += times;
    tally.ms += ms;
  }
}

/** Than one of the examples, if there are enough. */
function isWorse(examples: readonly Example[], ms: number): boolean {
  return examples.length < EXAMPLES || (examples[EXAMPLES - 1] as Example).ms < ms;
}

function addExample(examples: Example[], example: Example): void {
  const at = examples.findIndex((other) => other.ms < example.ms);
  examples.splice(at < 0 ? examples.length : at, 0, example);
  if (examples.length > EXAMPLES) examples.pop();
}

function addUp(sum: Decomposition, { holdMs, sqlMs, awaitMs, blockedMs, idleMs }: Decomposition): void {
  sum.holdMs += holdMs;
  sum.sqlMs += sqlMs;
  sum.awaitMs += awaitMs;
  sum.blockedMs += blockedMs;
  sum.idleMs += idleMs;
}

/** The words of a kind, those with the most time first (then the most frequent, then by name). */
export function rankWords(tallies: ReadonlyMap<string, Tally> | undefined): [word: string, tally: Tally][] {
  return [...(tallies ?? [])].toSorted((a, b) => b[1].ms - a[1].ms || b[1].count - a[1].count || (a[0] < b[0] ? -1 : 1));
}

/** The word of a kind that accounts for the most time; "" when there is none. */
export function topWord(group: Group, name: string): string {
  return rankWords(group.words.get(name))[0]?.[0] ?? '';
}

/** A word that holds for all occurrences; "" when they differ. */
export function commonWord(group: Group, name: string): string {
  const words = group.words.get(name);
  return words?.size === 1 ? topWord(group, name) : '';
}
