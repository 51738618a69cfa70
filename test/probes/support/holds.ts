/** What a trace says of each checkout: its parts put together, ids resolved. */
import type { CheckoutLine, RawFrame, RawGap, RawWait, TransactionStatus } from '../../../probes/trace/events.js';
import { linesOf, type Trace } from '../../support/program.js';

export interface HoldStatement {
  text: string;
  startMs: number;
  ms: number;
  status: TransactionStatus;
  error: string;
  queuedMs: number;
  frames: RawFrame[];
}

export interface HoldWait extends Omit<RawWait, 'started' | 'awaited'> {
  started: RawFrame[];
  awaited: RawFrame[];
}

export interface HoldGap extends Omit<RawGap, 'waits' | 'ended'> {
  waits: HoldWait[];
  ended: RawFrame[];
}

/** `line` has the scalar fields of all parts, the last one's where they differ. */
export interface Hold {
  line: CheckoutLine;
  statements: HoldStatement[];
  gaps: HoldGap[];
  frames: RawFrame[];
  /** Text of the statement that was running at the end of the trace. */
  running: string | null;
}

/** All checkouts of a trace, in the order of their ids. */
export function readHolds(trace: Trace): Hold[] {
  const texts = new Map(linesOf(trace, 'statement').map(({ id, text }) => [id, text]));
  const stacks = new Map(linesOf(trace, 'stack').map(({ id, frames }) => [id, frames]));
  const textOf = (id: number): string => texts.get(id) ?? '';
  const framesOf = (id = 0): RawFrame[] => stacks.get(id) ?? [];
  const gapOf = ({ waits, ended, ...gap }: RawGap): HoldGap => ({
    ...gap,
    ended: framesOf(ended),
    waits: waits.map(({ started, awaited, ...wait }) => ({ ...wait, started: framesOf(started), awaited: framesOf(awaited) })),
  });
  return mergeParts(linesOf(trace, 'checkout')).map((line): Hold => ({
    line,
    statements: (line.q ?? []).map(([id, startMs, ms, status = 'I', error = '', queuedMs = 0, stack = 0]) => ({
      text: textOf(id), startMs, ms, status, error, queuedMs, frames: framesOf(stack),
    })),
    gaps: (line.gaps ?? []).map(gapOf),
    frames: framesOf(line.stack),
    running: line.running === undefined || line.running === null ? null : textOf(line.running[0]),
  }));
}

/** The format's own rule: scalars of later parts win, lists add up, a gap replaces an open one of the same time. */
export function mergeParts(parts: CheckoutLine[]): CheckoutLine[] {
  const merged = new Map<number, CheckoutLine>();
  for (const part of parts) {
    const before = merged.get(part.id);
    const gaps = new Map([...(before?.gaps ?? []), ...(part.gaps ?? [])].map((gap) => [gap.t, gap]));
    merged.set(part.id, { ...before, ...part, q: [...(before?.q ?? []), ...(part.q ?? [])], gaps: [...gaps.values()] });
  }
  return [...merged.values()].toSorted((a, b) => a.id - b.id);
}

/** The checkouts in which a statement `select 1 as "name"` ran or runs, by that name. */
export function byName(holds: readonly Hold[]): Map<string, Hold> {
  const named = new Map<string, Hold>();
  for (const hold of holds) {
    for (const text of [...hold.statements.map(({ text }) => text), hold.running ?? '']) {
      const name = /^select \? as "([^"]+)"$/.exec(text)?.[1];
      if (name === undefined) continue;
      if (named.has(name)) throw new Error(`two checkouts are called ${name}`);
      named.set(name, hold);
    }
  }
  return named;
}

/** One of them. */
export function holdNamed(holds: readonly Hold[], name: string): Hold {
  const hold = byName(holds).get(name);
  if (hold === undefined) throw new Error(`no checkout is called ${name}`);
  return hold;
}

/** The innermost frame in the program's own files. */
export function placeOf(frames: readonly RawFrame[]): { file: string; line: number } | null {
  const own = frames.find(([, file]) => !file.includes('/node_modules/'));
  return own === undefined ? null : { file: own[1].replace(/^.*\//, ''), line: own[2] };
}
