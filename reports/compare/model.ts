/** Two runs side by side. Types only; times are milliseconds. */
import type { CallSite, RuleId, RunSummary, Severity } from '../model.js';

export const CHANGES = ['new', 'worse', 'unclear', 'better', 'gone', 'same'] as const;
/**
 * Of a finding. new, gone: it is in one run only. better, worse: it takes less or more connection time a checkout, by
 * a tenth at least and beyond the noise of both runs. same: surely less than a quarter apart. unclear: the noise is larger than the difference, or a
 * run was too short to have shown it.
 */
export type Change = (typeof CHANGES)[number];

/** A number before and after, and how far the difference can be trusted. */
export interface Measure {
  before: number;
  after: number;
  /** The difference of the means over parts of the runs lies between these, in 99 of 100 cases; null: too few parts. */
  difference: { low: number; high: number } | null;
  /** lower, higher: beyond noise and by a tenth at least. */
  verdict: 'lower' | 'higher' | 'same' | 'unclear';
}

export interface ComparedFinding {
  change: Change;
  rule: RuleId;
  severity: Severity;
  fingerprint: string;
  /** Of the run that has it; of the later one when both do. */
  title: string;
  callSite: CallSite | null;
  /** Its line before, when it has moved since. */
  movedFrom: CallSite | null;
  count: { before: number; after: number };
  /** Milliseconds a checkout of the run. */
  costMs: Measure;
  /** Why it is unclear, or what else is to be known; null: nothing. */
  doubt: string | null;
}

export const POOL_METRICS = ['checkoutsPerSecond', 'waitP50Ms', 'waitP99Ms', 'useP50Ms', 'useP99Ms', 'exhaustedShare'] as const;
export type PoolMetric = (typeof POOL_METRICS)[number];

/** Pools that were made at the same line, of all processes of a run. */
export interface ComparedPool {
  /** "db.ts:3", or the kind when the place is not known. */
  name: string;
  max: { before: number; after: number };
  metrics: Record<PoolMetric, Measure>;
}

export interface ComparedRun {
  /** As the user named it. */
  name: string;
  run: RunSummary;
  checkouts: number;
  findings: number;
  summary: string;
}

export const COMPARISON_VERDICTS = ['better', 'worse', 'mixed', 'same', 'inconclusive'] as const;
export type ComparisonVerdict = (typeof COMPARISON_VERDICTS)[number];

export interface Comparison {
  schemaVersion: 1;
  tool: { name: 'pg-lifeguard'; version: string };
  verdict: ComparisonVerdict;
  /** In one sentence. */
  summary: string;
  before: ComparedRun;
  after: ComparedRun;
  /** By change, in the order of CHANGES; errors first. */
  findings: ComparedFinding[];
  pools: ComparedPool[];
  /** Pools that are in one run only. */
  unmatchedPools: { name: string; in: 'before' | 'after' }[];
}
