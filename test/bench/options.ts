/** argv → options. */
import { parseArgs } from 'node:util';
import { WORKLOADS, type Workload } from './contestants.js';

export interface Options {
  workloads: readonly Workload[];
  rounds: number;
  /** Rounds of each contestant before the first counted one. */
  warmups: number;
  /** Starts of the smallest program, each variant. */
  startups: number;
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
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const { quick, only, json, write } = values;
  const workloads = only === undefined ? WORKLOADS : WORKLOADS.filter((name) => name === only);
  if (workloads.length === 0) throw new Error(`--only ${only}: expected one of ${WORKLOADS.join(', ')}`);
  const rounds = Number(values.rounds ?? (quick ? 3 : 18));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: expected a whole number above 0`);
  return { workloads, rounds, warmups: quick ? 1 : 3, startups: quick ? 3 : 15, json, write };
}
