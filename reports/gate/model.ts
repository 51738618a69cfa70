/** What the gate knows: its configuration is in `config.ts`, this is its judgement. */
import type { CallSite, RuleId } from '../model.js';
import type { LimitName } from './config.js';

/**
 * Why a finding counts or does not.
 * new: nobody has accepted it. known: in the baseline. grown: in the baseline, with fewer occurrences. ignored: the
 * configuration says so, and why. over-budget: ignored up to a time that it has exceeded.
 */
export const STANDINGS = ['new', 'known', 'grown', 'ignored', 'over-budget'] as const;
export type Standing = (typeof STANDINGS)[number];

export interface FindingStanding {
  fingerprint: string;
  standing: Standing;
  /** Whether the gate fails because of it. */
  fails: boolean;
  /** In words, for all but new ones. */
  reason: string;
}

/** The scope of a limit that is of no place. */
export const EVERYWHERE = 'everywhere';

/** A limit that was set, and what was measured. */
export interface LimitCheck {
  limit: LimitName;
  /** Its place in the configuration: "limits.gapMaxMs", "limits.places[1].gapMaxMs". */
  key: string;
  /** What it applies to, in words: "everywhere", "src/jobs/**". */
  scope: string;
  /** Milliseconds, or a share (0 to 1). */
  allowed: number;
  /** Null: nothing that it applies to was seen. */
  measured: number | null;
  exceeded: boolean;
  /** Of the worst, or of most of it. */
  callSite: CallSite | null;
  /** One sentence: what was measured, the limit, where. */
  title: string;
}

/** An accepted finding that did not occur. */
export interface Unseen {
  fingerprint: string;
  title: string;
}

export interface Gate {
  passed: boolean;
  /** One for each of the report's findings, in their order. */
  findings: FindingStanding[];
  /** In the order of the configuration. */
  limits: LimitCheck[];
  /** Rules that the configuration switched off. */
  off: RuleId[];
  /** Where the known findings come from; null without a baseline. */
  baseline: string | null;
  /** Entries of the baseline that can be deleted. */
  unseen: Unseen[];
  /** Entries of `ignore` that can be deleted. */
  unusedIgnores: Unseen[];
}
