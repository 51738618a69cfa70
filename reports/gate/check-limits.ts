/** Measures what the configuration limits, everywhere and at places, and says what is over. */
import type { CallSite, Timeline } from '../model.js';
import { findRecording } from '../rules/context.js';
import { percentiles } from '../summarise-pools.js';
import { sayFunction, sayMs, sayPlace, sayShare } from '../words.js';
import { LIMIT_NAMES, type Config, type LimitName } from './config.js';
import { EVERYWHERE, type LimitCheck } from './model.js';
import { compilePattern, sayPattern, type MatchStack } from './place-pattern.js';
import { takeSamples, type Sample } from './samples.js';

type Limits = NonNullable<Config['limits']>;

/** A limit of the configuration, and what was seen of it. */
interface Collector {
  limit: LimitName;
  key: string;
  scope: string;
  allowed: number;
  matches: MatchStack;
  /** By pool where that matters: a calm pool must not hide one that starves. */
  series: Map<string, Series>;
}

interface Series {
  values: number[];
  worst: { ms: number; site: CallSite | null };
  /** How much of what is over the limit (of the idle time, for a share) each place accounts for. */
  blame: Map<string, { site: CallSite | null; amount: number }>;
  idleMs: number;
  heldMs: number;
}

/**
 * One check for each limit that is set, in the order of the configuration.
 * @param otherName of a file, by which its place may be meant as well.
 */
export function checkLimits(timeline: Timeline, limits: Limits, otherName?: (file: string) => string): LimitCheck[] {
  const collectors = [...collectorsOf(limits, otherName)];
  if (collectors.length === 0) return [];
  // A limit of a place stands instead of the overall one, the first that fits instead of later ones.
  const ranked = new Map<LimitName, Collector[]>();
  for (const name of LIMIT_NAMES) {
    const own = collectors.filter(({ limit }) => limit === name);
    ranked.set(name, [...own.filter(({ scope }) => scope !== EVERYWHERE), ...own.filter(({ scope }) => scope === EVERYWHERE)]);
  }
  takeSamples(timeline, findRecording(timeline), (sample) => {
    for (const name of LIMITS_OF[sample.of]) {
      const collector = ranked.get(name)?.find(({ matches }) => sample.stacks.some(matches) || matches === always);
      if (collector !== undefined) add(collector, sample);
    }
  });
  return collectors.map(conclude);
}

const always: MatchStack = () => true;

const LIMITS_OF: Record<Sample['of'], LimitName[]> = {
  transaction: ['transactionMaxMs', 'transactionP99Ms'],
  gap: ['gapMaxMs', 'idleInTransactionShare'],
  wait: ['waitP99Ms'],
  hold: ['idleInTransactionShare'],
};

function* collectorsOf({ places = [], ...overall }: Limits, otherName?: (file: string) => string): Generator<Collector> {
  for (const limit of LIMIT_NAMES) {
    const allowed = overall[limit];
    if (allowed !== undefined) yield { limit, key: `limits.${limit}`, scope: EVERYWHERE, allowed, matches: always, series: new Map() };
  }
  for (const [index, place] of places.entries()) {
    const matches = compilePattern(place, otherName);
    for (const limit of LIMIT_NAMES) {
      const allowed = place[limit];
      if (allowed !== undefined) yield { limit, key: `limits.places[${index}].${limit}`, scope: sayPattern(place), allowed, matches, series: new Map() };
    }
  }
}

function add({ limit, allowed, series }: Collector, { of, ms, site, pool }: Sample): void {
  const name = limit === 'waitP99Ms' ? pool : '';
  let seen = series.get(name);
  if (seen === undefined) series.set(name, (seen = { values: [], worst: { ms: -1, site: null }, blame: new Map(), idleMs: 0, heldMs: 0 }));
  if (limit === 'idleInTransactionShare') {
    if (of === 'hold') seen.heldMs += ms;
    else {
      seen.idleMs += ms;
      addBlame(seen, site, ms);
    }
    return;
  }
  seen.values.push(ms);
  if (ms > seen.worst.ms) seen.worst = { ms, site };
  if (ms > allowed) addBlame(seen, site, 1);
}

function addBlame({ blame }: Series, site: CallSite | null, amount: number): void {
  const place = site === null ? '' : sayPlace(site);
  const entry = blame.get(place);
  if (entry === undefined) blame.set(place, { site, amount });
  else entry.amount += amount;
}

function conclude(collector: Collector): LimitCheck {
  const { limit, key, scope, allowed } = collector;
  const measured = [...collector.series].map(([pool, series]) => ({ pool, series, value: measure(limit, series) }));
  const worst = measured.toSorted((a, b) => b.value - a.value)[0];
  if (worst === undefined) return { limit, key, scope, allowed, measured: null, exceeded: false, callSite: null, title: `Nothing was seen that ${key} applies to` };
  const { series, value, pool } = worst;
  const exceeded = value > allowed;
  const callSite = limit.includes('Max') ? series.worst.site : mostBlamed(series);
  const where = scope === EVERYWHERE ? '' : ` in ${scope}`;
  const at = exceeded && callSite !== null ? `; ${AT[limit]} ${sayFunction(callSite)}` : '';
  const title = `${SENTENCES[limit](say(limit, value), where, pool)} (limit ${say(limit, allowed)})${at}`;
  return { limit, key, scope, allowed, measured: Number(value.toFixed(limit === 'idleInTransactionShare' ? 6 : 3)), exceeded, callSite, title };
}

function measure(limit: LimitName, { values, worst, idleMs, heldMs }: Series): number {
  if (limit === 'idleInTransactionShare') return heldMs > 0 ? Math.min(1, idleMs / heldMs) : 0;
  return limit.includes('Max') ? worst.ms : percentiles(values).p99Ms;
}

function mostBlamed({ blame }: Series): CallSite | null {
  return [...blame].toSorted(([a, left], [b, right]) => right.amount - left.amount || (a < b ? -1 : 1))[0]?.[1].site ?? null;
}

function say(limit: LimitName, value: number): string {
  return limit === 'idleInTransactionShare' ? sayShare(value) : sayMs(value);
}

const SENTENCES: Record<LimitName, (value: string, where: string, pool: string) => string> = {
  transactionMaxMs: (value, where) => `The longest transaction${where} takes ${value}`,
  transactionP99Ms: (value, where) => `One in a hundred transactions${where} takes ${value} or longer`,
  gapMaxMs: (value, where) => `A transaction${where} is open for ${value} while none of its statements runs`,
  waitP99Ms: (value, where, pool) => `One in a hundred requests${where} waits ${value} or longer for a connection${pool === '' ? '' : ` of pool ${pool}`}`,
  idleInTransactionShare: (value, where) => `Connections${where} are idle in transaction for ${value} of the time in which they are held`,
};

/** What the call site is of. */
const AT: Record<LimitName, string> = {
  transactionMaxMs: 'it is begun by',
  transactionP99Ms: 'most of those over the limit are begun by',
  gapMaxMs: 'in',
  waitP99Ms: 'most of those over the limit are made by',
  idleInTransactionShare: 'most of that is in',
};
