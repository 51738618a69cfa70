import type { Checkout, CycleStep, Decomposition, Finding, Occurrences, Pool, Recording, RuleId, Severity, Stack, Timeline } from '../model.js';
import type { Limits } from '../limits.js';
import type { Deadlock } from '../starvation/find-deadlocks.js';
import type { Leak } from '../starvation/find-leaks.js';
import type { Starvation } from '../starvation/find-starvation.js';
import type { Nesting } from '../timeline/nesting.js';
import type { Places } from '../timeline/places.js';
import type { Group } from './group.js';

/** What rules look at. */
export interface Context {
  timeline: Timeline;
  limits: Limits;
  /** The end of a hold: its release, or the end of its trace. */
  endOf: (checkout: Checkout) => number;
  decompose: (checkout: Checkout) => Decomposition;
  /** When the event loop of the checkout's process was blocked; sorted. */
  blocksOf: (checkout: Checkout) => Recording['blocked'];
  /** How much of a time was explained by a blocked event loop of the checkout's process. */
  blockedWithin: (checkout: Checkout, startMs: number, endMs: number) => number;
  /** All use time of a pool (null: of the clients without one). */
  useMsOf: (pool: Pool | null) => number;
  recordingOf: (checkout: Checkout) => Recording;
  places: Places;
  /** When each finding that was described occurred, by fingerprint. */
  occurrences: Map<string, Occurrences[]>;
  /** How long the pauses in transactions were, in milliseconds, that nobody watched: noted by the rule that looks at all of them. */
  unwatched: number[];
  // These are computed when first asked for.
  /** Sorted by start. */
  starvation: () => readonly Starvation[];
  /** By the outer checkout. */
  nesting: () => ReadonlyMap<Checkout, readonly Nesting[]>;
  leaks: () => ReadonlyMap<Checkout, Leak>;
  /** Sorted by start. */
  deadlocks: () => readonly Deadlock[];
  /** Whether a hold has a fault of its own that explains its length: it is lost, or a part of a deadlock. */
  isStuck: (checkout: Checkout) => boolean;
}

/** One occurrence of what a rule looks for. */
export interface Offence {
  /** The hold in which it happened. */
  checkout: Checkout;
  startMs: number;
  ms: number;
  /** Its first application frame is the call site. */
  stack: Stack | null;
  /** Told apart beyond the call site. */
  shape: string;
  /** The statement that belongs to the finding's identity. */
  statement: string;
  /** Statements around it. */
  statements: readonly string[];
  /** Words that are counted within a finding, for its title and facts: what was awaited, from where. */
  words: Readonly<Record<string, string>>;
  /** Amounts that are added up within a finding. */
  sums?: Readonly<Record<string, number>>;
}

/**
 * A rule: what to look for, and how to say it. Occurrences at one call site (in one function) become one finding.
 * To add a rule, add a file with one of these, and its name to the list in `index.ts`.
 */
export interface Rule {
  id: RuleId;
  offences(context: Context): Iterable<Offence>;
  /** Whether a group is more than chance; default: always. */
  isFinding?(group: Group, context: Context): boolean;
  severity(group: Group, context: Context): Severity;
  /** What belongs to the identity of a finding beside place and statement; default: its shape. */
  kind?(group: Group): string;
  /** Whether the occurrences' time is time in which connections were held. */
  sharesUse: boolean;
  title(group: Group, share: number | null, context: Context): string;
  advice(group: Group, context: Context): string;
  facts?(group: Group, context: Context): Finding['evidence']['facts'];
  /** Of a deadlock: who waits for whom. */
  cycle?(group: Group, context: Context): CycleStep[];
}
