/** Joins a trace with clinic's: the chain of each blamed await. */
import type { CheckoutLine, RawFrame, RawGap } from '../../probes/trace/events.js';
import type { RawTrace } from '../read/read-trace.js';
import { readOperations, readStacks, type ClinicFrame } from './decode.js';
import { followChain } from './follow-chain.js';
import { DEEP_VERSION, type DeepFile, type RawChain } from './model.js';

/** A finding shows its longest occurrences: so many of each kind of gap have a chain, of so many kinds. */
const LONGEST = 10;
const MOST_KINDS = 500;

export interface JoinOptions {
  trace: RawTrace;
  clinic: { folder: string; version: string };
  /** As gathered, see gatherEvents. */
  events: string;
  stacks: string;
  /** Name of the page. */
  graph: string | null;
  /** URL of the folder whose files are the probe's own. */
  own: string;
}

export type Joined = { deep: DeepFile } | { problem: 'no-callbacks' };

export async function joinTraces({ trace, clinic, events, stacks, graph, own }: JoinOptions): Promise<Joined> {
  const log = await readOperations(clinic.folder, events, trace.header.hrtimeMs ?? 0);
  if (!log.hasCallbacks) return { problem: 'no-callbacks' };
  const chains: RawChain[] = [];
  for (const { checkout, gap } of chooseGaps(trace.checkouts)) {
    const startMs = checkout.t + gap.t;
    const steps = followChain(log, gap.asyncId ?? 0, startMs, startMs + gap.ms);
    if (steps.length > 0) chains.push({ checkout: checkout.id, startMs, ms: gap.ms, steps });
  }
  const wanted = new Set(chains.flatMap(({ steps }) => steps.map(({ asyncId }) => asyncId)));
  const table = new StackTable(own);
  for (const [asyncId, frames] of await readStacks(clinic.folder, stacks, wanted)) table.add(asyncId, frames);
  for (const { steps } of chains) for (const step of steps) step.stack = table.indexOf(step.asyncId);
  return { deep: { version: DEEP_VERSION, clinic: clinic.version, graph, chains, stacks: table.list } };
}

interface Chosen {
  checkout: CheckoutLine;
  gap: RawGap;
}

/** Gaps in which something was awaited; of those alike, the longest. */
function chooseGaps(checkouts: readonly CheckoutLine[]): Chosen[] {
  const kinds = new Map<string, Chosen[]>();
  for (const checkout of checkouts) {
    for (const gap of checkout.gaps ?? []) {
      if (gap.asyncId === undefined || gap.waits.length === 0) continue;
      const key = gap.waits.map(({ kind, started, awaited }) => `${kind} ${started} ${awaited}`).join();
      let alike = kinds.get(key);
      if (alike === undefined) {
        if (kinds.size >= MOST_KINDS) continue;
        kinds.set(key, (alike = []));
      }
      alike.push({ checkout, gap });
      if (alike.length > LONGEST * 2) keepLongest(alike);
    }
  }
  for (const alike of kinds.values()) keepLongest(alike);
  return [...kinds.values()].flat();
}

function keepLongest(alike: Chosen[]): void {
  alike.sort((a, b) => b.gap.ms - a.gap.ms);
  alike.length = Math.min(alike.length, LONGEST);
}

/** Stacks, each once. */
class StackTable {
  readonly list: RawFrame[][] = [];
  readonly #own: string;
  readonly #known = new Map<string, number>();
  readonly #byId = new Map<number, number>();

  constructor(own: string) {
    this.#own = own;
  }

  add(asyncId: number, frames: readonly ClinicFrame[]): void {
    const raw = frames.filter(({ fileName }) => !isMachinery(fileName, this.#own)).map(toRawFrame);
    if (raw.length === 0) return;
    const key = JSON.stringify(raw);
    let index = this.#known.get(key);
    if (index === undefined) this.#known.set(key, (index = this.list.push(raw) - 1));
    this.#byId.set(asyncId, index);
  }

  indexOf(asyncId: number): number {
    return this.#byId.get(asyncId) ?? -1;
  }
}

function isMachinery(file: string, own: string): boolean {
  return file === '' || file.startsWith('node:') || file.startsWith(own);
}

function toRawFrame({ functionName, typeName, isToplevel, isConstructor, fileName, lineNumber, columnNumber }: ClinicFrame): RawFrame {
  const isMethod = !isToplevel && !isConstructor && typeName !== '' && typeName !== 'Object' && functionName !== '' && !functionName.startsWith(`${typeName}.`);
  return [isMethod ? `${typeName}.${functionName}` : functionName, fileName, lineNumber, columnNumber];
}
