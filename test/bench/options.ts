/** argv → options. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { CONTESTANTS, LIBRARIES, PROBE, WORKLOADS, WORKLOAD_TEXTS, type Contestant, type Workload } from './contestants.js';

/** Parts that can be measured alone, besides each workload. */
const PARTS = [...LIBRARIES, 'soak', 'analysis'] as const;

export const HELP = `npm run bench -- [options]

What the probe costs the program that it watches, beside the bare program, OpenTelemetry's pg instrumentation and
clinic's bubbleprof; its memory under full load; and what reports of long recordings cost. All of it takes about twenty
minutes on a machine with nothing else to do, ten of them for the memory; --quick about three.

  --quick         fewer rounds, a small recording, a minute under full load, without clinic
  --only PART     ${PARTS.join(', ')};
                  or one workload: ${WORKLOADS.join(', ')}
  --rounds N      of CPU (default 15; with --quick 5)
  --minutes N     under full load (default 10; with --quick 1)
  --probe FILE    another build's probes/register.js
  --json FILE     all numbers
  --write         keep the tables in test/bench/RESULTS.md
`;

export interface Options {
  /** null: not measured. */
  analysis: { checkouts: number; rounds: number } | null;
  /** Minutes under full load; null: none. */
  soakMinutes: number | null;
  /** None: CPU and start-up are not measured. */
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
  /**
   * For each contestant of each workload of a library. After that time no round is begun (but for the first two of each
   * generation), as on a busy machine a run would take several times as long.
   */
  budgetMs: number;
  /** URL of the probe's preload. */
  probe: string;
  json: string | undefined;
  write: boolean;
}

/**
 * @returns null when help was asked for.
 * @throws Error that says what is allowed.
 */
export function parseOptions(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      minutes: { type: 'string' },
      help: { type: 'boolean', default: false },
      probe: { type: 'string' },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { quick, only, probe, json, write } = values;
  const allowed = [...WORKLOADS, ...PARTS];
  if (only !== undefined && !allowed.some((name) => name === only)) throw new Error(`--only ${only}: expected ${allowed.join(' or ')}`);
  const isMeasured = (...names: string[]): boolean => only === undefined || names.includes(only);
  const rounds = Number(values.rounds ?? (quick ? 5 : 15));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: expected a whole number above 0`);
  const minutes = Number(values.minutes ?? (quick ? 1 : 10));
  if (!(minutes > 0 && minutes < 10_000)) throw new Error(`--minutes ${values.minutes}: expected a number above 0`);
  if (probe !== undefined && !existsSync(probe)) throw new Error(`--probe ${probe}: there is no such file, expected a built probes/register.js`);
  const contestants = quick ? (['bare', 'probe', 'pg-spans'] as const) : CONTESTANTS;
  return {
    analysis: isMeasured('analysis') ? { checkouts: quick ? 200_000 : 1_000_000, rounds: quick ? 1 : 5 } : null,
    soakMinutes: isMeasured('soak') ? minutes : null,
    workloads: WORKLOADS.filter((name) => isMeasured(name, WORKLOAD_TEXTS[name].library)),
    contestants,
    rounds,
    generations: quick ? 1 : Math.min(3, rounds),
    warmups: quick ? 5 : 6,
    startups: quick ? 3 : 15,
    // An explicit number of rounds is meant.
    budgetMs: values.rounds !== undefined ? Infinity : quick ? 4_000 : 18_000,
    probe: probe === undefined ? PROBE : pathToFileURL(resolve(probe)).href,
    json,
    write,
  };
}
