/** What would have been, had the pool been of another size or a line not held its connections. Types only; milliseconds. */
import type { CallSite, Percentiles, RuleId } from '../model.js';

/** One hold of a connection, as the simulation plays it. */
export interface Job {
  requestedMs: number;
  holdMs: number;
  /** Time that is taken out of the hold: it passes after the release, without a connection. */
  movedMs: number;
}

export const LOADS = ['steady', 'following'] as const;
/**
 * When requests come. steady: at the times that were recorded, as from many users who do not know of each other.
 * following: each comes after the end of an earlier one, with the pause that was recorded, as from a load generator with so
 * many connections, or users who wait for their page. Real traffic lies between them.
 */
export type Load = (typeof LOADS)[number];

export interface Simulated {
  wait: Percentiles;
  /** Share of the requests that found no free connection. */
  waitedShare: number;
  checkoutsPerSecond: number;
  pendingMax: number;
}

/** What is changed. */
export interface Change {
  /** Null: as it was. */
  poolMax: number | null;
  without: Left[];
}

/** A finding whose time is taken out of the holds. */
export interface Left {
  fingerprint: string;
  rule: RuleId;
  title: string;
  callSite: CallSite | null;
}

export interface Answer {
  change: Change;
  poolMax: number;
  /** Sum of all holds. */
  heldMs: number;
  loads: Record<Load, Simulated>;
  /** The least number of concurrent requests of which one in twenty waits, if nothing but the pool is a limit; null: none up to 4096. */
  starvesAt: number | null;
}

export interface WhatIf {
  schemaVersion: 1;
  tool: { name: 'pg-lifeguard'; version: string };
  pool: { id: string; name: string; max: number; checkouts: number };
  /** As it was measured. */
  recorded: Omit<Simulated, 'pendingMax'> & { pendingMax: number; heldMs: number };
  /** Unchanged, to see how good the simulation is. */
  replayed: Answer;
  /** In the order of the question; without one: the changes that are near at hand, the most helpful first. */
  answers: Answer[];
  summary: string;
  /** What was assumed, a sentence each. */
  assumptions: string[];
}
