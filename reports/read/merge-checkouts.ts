import type { CheckoutLine, RawGap, RawQuery } from '../../probes/trace/events.js';

/** Puts the parts of checkouts together; whole checkouts pass through untouched. */
export interface CheckoutMerger {
  /** False: the line is a part whose beginning was never seen. */
  add(line: CheckoutLine): boolean;
  /** All checkouts, those that never ended last. */
  finish(): CheckoutLine[];
}

/** How parts add up is written at CheckoutLine. */
export function mergeCheckouts(): CheckoutMerger {
  const whole: CheckoutLine[] = [];
  const open = new Map<number, CheckoutLine>();
  return {
    add(line) {
      const before = open.get(line.id);
      if (before === undefined) {
        if (typeof line.pool !== 'number') return false;
        if (line.outcome === undefined) open.set(line.id, line);
        else whole.push(line);
        return true;
      }
      merge(before, line);
      if (before.outcome !== undefined) {
        open.delete(line.id);
        whole.push(before);
      }
      return true;
    },
    finish() {
      for (const line of open.values()) whole.push(line);
      open.clear();
      return whole;
    },
  };
}

function merge(into: CheckoutLine, part: CheckoutLine): void {
  const { q, gaps } = into;
  Object.assign(into, part);
  if (q !== undefined) into.q = part.q === undefined ? q : append(q, part.q);
  if (gaps !== undefined) into.gaps = part.gaps === undefined ? gaps : addGaps(gaps, part.gaps);
}

function append(queries: RawQuery[], more: RawQuery[]): RawQuery[] {
  for (const query of more) queries.push(query);
  return queries;
}

function addGaps(gaps: RawGap[], more: RawGap[]): RawGap[] {
  for (const gap of more) {
    const last = gaps.findLastIndex((other) => other.t === gap.t);
    if (last < 0) gaps.push(gap);
    else gaps[last] = gap;
  }
  return gaps;
}
