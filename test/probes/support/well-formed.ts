/** What must hold of every checkout, whatever happened in it. */
import type { TraceLine } from '../../../probes/trace/events.js';
import type { Hold } from './holds.js';

/** Each number is rounded to a microsecond by itself; sums of a few may be off by a few. */
const ROUNDING_MS = 0.004;

interface Span {
  what: string;
  startMs: number;
  endMs: number;
}

/** What is wrong with a checkout's times, in words; nothing when all is well. */
export function findFaults({ line, statements, gaps }: Hold, pipelined = false): string[] {
  const faults: string[] = [];
  const { waitMs, useMs, outcome } = line;
  const wasAcquired = line.connection !== undefined;
  if ((outcome === 'timeout' || outcome === 'failed') === wasAcquired && outcome !== undefined) faults.push(`${outcome} ${wasAcquired ? 'with' : 'without'} a connection`);
  if (wasAcquired || outcome !== undefined ? waitMs === undefined : waitMs !== undefined) faults.push(`waitMs is ${waitMs}`);
  if ((wasAcquired && outcome !== undefined) !== (useMs !== undefined)) faults.push(`useMs is ${useMs}`);

  const acquiredMs = waitMs ?? 0;
  const endMs = useMs === undefined ? Number.POSITIVE_INFINITY : acquiredMs + useMs;
  const ran = statements.map(({ text, startMs, ms }): Span => ({ what: text, startMs, endMs: startMs + ms }));
  const idle = gaps.map(({ t, ms }): Span => ({ what: 'gap', startMs: t, endMs: t + ms }));
  for (const { what, startMs, endMs: until } of [...ran, ...idle]) {
    if (startMs > until) faults.push(`${what} ends before it starts`);
    if (startMs < acquiredMs - ROUNDING_MS) faults.push(`${what} starts before the connection was there`);
    if (until > endMs + ROUNDING_MS) faults.push(`${what} ends after the release`);
  }
  if (!pipelined) faults.push(...findOverlaps([...ran, ...idle]));
  for (const { t, ms, waits } of gaps) {
    const parts = waits.map((wait): Span => ({ what: wait.kind, startMs: wait.t, endMs: wait.t + wait.ms }));
    faults.push(...findOverlaps(parts));
    if (parts.some(({ startMs, endMs: until }) => startMs < t - ROUNDING_MS || until > t + ms + ROUNDING_MS)) faults.push('a wait is outside of its gap');
  }
  return faults;
}

function findOverlaps(spans: readonly Span[]): string[] {
  const sorted = spans.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  return sorted.flatMap((span, index) => {
    const before = sorted[index - 1];
    return before !== undefined && span.startMs < before.endMs - ROUNDING_MS ? [`${span.what} overlaps ${before.what}`] : [];
  });
}

/** References of a trace to what no earlier line defined, and ids that are defined twice. */
export function findDangling(lines: readonly TraceLine[]): string[] {
  const faults: string[] = [];
  const known = { stack: new Set([0]), statement: new Set([0]), pool: new Set([0]), connection: new Set<number>() };
  const checkouts = new Set(lines.filter((line) => line.type === 'checkout').map(({ id }) => id));
  const check = (kind: keyof typeof known, id: number | undefined): void => {
    if (id !== undefined && !known[kind].has(id)) faults.push(`${kind} ${id} is not known`);
  };
  const define = (kind: keyof typeof known, id: number): void => {
    if (known[kind].has(id)) faults.push(`${kind} ${id} is there twice`);
    known[kind].add(id);
  };
  for (const line of lines) {
    if (line.type === 'stack' || line.type === 'statement') define(line.type, line.id);
    else if (line.type === 'pool') {
      check('stack', line.stack);
      define('pool', line.id);
    } else if (line.type === 'connection') {
      check('pool', line.pool);
      if (line.state === 'connecting') define('connection', line.id);
      else check('connection', line.id);
    } else if (line.type === 'checkout') {
      check('pool', line.pool);
      check('connection', line.connection);
      // An inner one may well end, and be written, before the outer one.
      if (line.inside !== undefined && !checkouts.has(line.inside)) faults.push(`checkout ${line.inside} is not known`);
      const waits = (line.gaps ?? []).flatMap((gap) => gap.waits);
      const stacks = [line.stack, line.running?.[2], ...(line.q ?? []).map((query) => query[6])];
      stacks.push(...(line.gaps ?? []).map(({ ended }) => ended), ...waits.map(({ started }) => started), ...waits.map(({ awaited }) => awaited));
      for (const stack of stacks) check('stack', stack);
      for (const statement of [line.running?.[0], ...(line.q ?? []).map(([id]) => id)]) check('statement', statement);
    }
  }
  return faults;
}
