/** Joins a trace with clinic's: the chain of each blamed await. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { CheckoutLine, RawFrame, RawGap } from '../../probes/trace/events.js';
import { readOperations, readStacks, type ClinicFrame } from './decode.js';
import { followChain } from './follow-chain.js';
import { DEEP_VERSION, type DeepFile, type RawChain } from './model.js';

/** A finding shows its longest occurrences: so many of each kind of gap have a chain, of so many kinds. */
const LONGEST = 10;
const MOST_KINDS = 500;

export interface JoinOptions {
  /** Files of the trace. */
  trace: readonly string[];
  /** Its start on hrtime's clock. */
  hrtimeMs: number;
  clinic: { folder: string; version: string };
  /** As gathered, see gatherEvents. */
  events: string;
  stacks: string;
}

export type Joined = { deep: DeepFile } | { problem: 'no-callbacks' };

export async function joinTraces({ trace, hrtimeMs, clinic, events, stacks }: JoinOptions): Promise<Joined> {
  const log = await readOperations(clinic.folder, events, hrtimeMs);
  if (!log.hasCallbacks) return { problem: 'no-callbacks' };
  const chains: RawChain[] = [];
  for (const { checkout, gap } of await chooseGaps(trace)) {
    const startMs = checkout.t + gap.t;
    // Clinic stopped before it ended.
    if (startMs + gap.ms > log.lastMs) continue;
    const steps = followChain(log, gap.asyncId ?? 0, startMs, startMs + gap.ms);
    const waits = gap.waits.flatMap(({ t, asyncId }) => (asyncId === undefined ? [] : [{ startMs: checkout.t + t, asyncId }]));
    if (steps.length > 0) chains.push({ checkout: checkout.id, startMs, ms: gap.ms, waits, steps });
  }
  const wanted = new Set(chains.flatMap(({ steps }) => steps.map(({ asyncId }) => asyncId)));
  const table = new StackTable();
  for (const [asyncId, frames] of await readStacks(clinic.folder, stacks, wanted)) table.add(asyncId, frames);
  for (const { steps } of chains) for (const step of steps) step.stack = table.indexOf(step.asyncId);
  return { deep: { version: DEEP_VERSION, clinic: clinic.version, graph: null, chains, stacks: table.list } };
}

interface Chosen {
  checkout: Pick<CheckoutLine, 'id' | 't'>;
  gap: RawGap;
}

/** Gaps in which something was awaited; of those alike, the longest. */
async function chooseGaps(trace: readonly string[]): Promise<Chosen[]> {
  const kinds = new Map<string, Chosen[]>();
  for await (const text of readLines(trace)) {
    if (!text.includes('"asyncId"')) continue;
    const { id, t, gaps } = parse(text);
    for (const gap of gaps ?? []) {
      if (gap.asyncId === undefined || gap.waits.length === 0 || gap.open === true) continue;
      const key = gap.waits.map(({ kind, started, awaited }) => `${kind} ${started} ${awaited}`).join();
      const alike = kinds.get(key) ?? [];
      if (alike.length === 0 && kinds.size >= MOST_KINDS) continue;
      kinds.set(key, alike);
      alike.push({ checkout: { id, t }, gap });
      if (alike.length > LONGEST * 2) keepLongest(alike);
    }
  }
  for (const alike of kinds.values()) keepLongest(alike);
  return [...kinds.values()].flat();
}

async function* readLines(files: readonly string[]): AsyncGenerator<string> {
  for (const file of files) yield* createInterface(createReadStream(file));
}

/** The last line of a process that was killed may be cut off. */
function parse(text: string): Pick<CheckoutLine, 'id' | 't' | 'gaps'> {
  try {
    return JSON.parse(text) as CheckoutLine;
  } catch {
    return { id: 0, t: 0 };
  }
}

function keepLongest(alike: Chosen[]): void {
  alike.sort((a, b) => b.gap.ms - a.gap.ms);
  alike.length = Math.min(alike.length, LONGEST);
}

/** Stacks, each once. */
class StackTable {
  readonly list: RawFrame[][] = [];
  readonly #known = new Map<string, number>();
  readonly #byId = new Map<number, number>();

  add(asyncId: number, frames: readonly ClinicFrame[]): void {
    const raw = frames.filter(({ fileName }) => fileName !== '' && !fileName.startsWith('node:')).map(toRawFrame);
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

function toRawFrame({ functionName, typeName, isToplevel, isConstructor, fileName, lineNumber, columnNumber }: ClinicFrame): RawFrame {
  const isMethod = !isToplevel && !isConstructor && typeName !== '' && typeName !== 'Object' && functionName !== '' && !functionName.startsWith(`${typeName}.`);
  return [isMethod ? `${typeName}.${functionName}` : functionName, fileName, lineNumber, columnNumber];
}
