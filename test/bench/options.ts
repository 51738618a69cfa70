/** argv → options. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { CONTESTANTS, PROBE, WORKLOADS, type Contestant, type Workload } from './contestants.js';

const ANALYSIS = 'analysis';

export interface Options {
  /** null: not measured. */
  analysis: { checkouts: number; rounds: number } | null;
  workloads: readonly Workload[];
  contestants: readonly Contestant[];
  rounds: number;
  /**
   * How often the processes are started anew, the rounds spread over them: what the compiler makes of the same code
   * differs from process to process.
   */
  generations: number;
  /** Rounds of each contestant before the first counted one: some seconds, after which compiler and probe have settled as in a service. */
  warmups: number;
  /** Starts of the smallest program, each variant. */
  startups: number;
  /** After this time no round is begun (but for the first two of each generation), as on a busy machine a run would take several times as long. */
  budgetMs: number;
  /** URL of the probe's preload. */
  probe: string;
  json: string | undefined;
  write: boolean;
}

/** @throws Error that says what is allowed. */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      probe: { type: 'string' },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const { quick, only, probe, json, write } = values;
  const workloads = only === undefined ? WORKLOADS : WORKLOADS.filter((name) => name === only);
  if (workloads.length === 0 && only !== ANALYSIS) throw new Error(`--only ${only}: expected ${[...WORKLOADS, ANALYSIS].join(' or ')}`);
  const rounds = Number(values.rounds ?? (quick ? 5 : 15));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: expected a whole number above 0`);
  if (probe !== undefined && !existsSync(probe)) throw new Error(`--probe ${probe}: there is no such file, expected a built probes/register.js`);
  const contestants = quick ? (['bare', 'probe', 'pg-spans'] as const) : CONTESTANTS;
  return {
    analysis: only === undefined || only === ANALYSIS ? { checkouts: quick ? 200_000 : 1_000_000, rounds: quick ? 1 : 5 } : null,
    workloads,
    contestants,
    rounds,
    generations: quick ? 1 : Math.min(3, rounds),
    warmups: quick ? 5 : 8,
    startups: quick ? 3 : 15,
    // An explicit number of rounds is meant.
    budgetMs: values.rounds !== undefined ? Infinity : quick ? 25_000 : 200_000,
    probe: probe === undefined ? PROBE : pathToFileURL(resolve(probe)).href,
    json,
    write,
  };
}
