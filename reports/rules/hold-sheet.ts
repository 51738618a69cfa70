import type { Decomposition, Holds } from '../model.js';
import { MOST_ROWS, TimeColumns } from './time-columns.js';

type Part = 'holdMs' | 'sqlMs' | 'awaitMs' | 'blockedMs';
type Sums = Record<Part, Float64Array>;

/** When the holds of a finding were, and where their time went: one by one, or, of many, in columns of time. */
export class HoldSheet {
  #rows: { startMs: number; parts: Decomposition }[] = [];
  #sums: Sums | null = null;
  readonly #columns: TimeColumns;

  constructor(endMs: number) {
    this.#columns = new TimeColumns(endMs);
  }

  add(startMs: number, parts: Decomposition): void {
    if (parts.holdMs <= 0) return;
    if (this.#sums === null) {
      this.#rows.push({ startMs, parts });
      if (this.#rows.length > MOST_ROWS) this.#addUp();
    } else this.#spread(this.#sums, startMs, parts);
  }

  /** In order of time. */
  finish(): Holds {
    const sums = this.#sums;
    if (sums === null) {
      const rows = this.#rows.toSorted((a, b) => a.startMs - b.startMs);
      const pick = (part: Part): number[] => rows.map(({ parts }) => parts[part]);
      return { columnMs: 0, startMs: rows.map(({ startMs }) => startMs), ms: pick('holdMs'), sqlMs: pick('sqlMs'), awaitMs: pick('awaitMs'), blockedMs: pick('blockedMs') };
    }
    const { columnMs } = this.#columns;
    const filled = [...sums.holdMs.keys()].filter((column) => (sums.holdMs[column] as number) > 0);
    const pick = (part: Part): number[] => filled.map((column) => sums[part][column] as number);
    return { columnMs, startMs: filled.map((column) => column * columnMs), ms: pick('holdMs'), sqlMs: pick('sqlMs'), awaitMs: pick('awaitMs'), blockedMs: pick('blockedMs') };
  }

  #addUp(): void {
    const empty = (): Float64Array => new Float64Array(this.#columns.count);
    const sums: Sums = { holdMs: empty(), sqlMs: empty(), awaitMs: empty(), blockedMs: empty() };
    for (const { startMs, parts } of this.#rows) this.#spread(sums, startMs, parts);
    this.#sums = sums;
    this.#rows = [];
  }

  /** A column gets as much of each part as it has of the hold. */
  #spread(sums: Sums, startMs: number, parts: Decomposition): void {
    const { holdMs, sqlMs, awaitMs, blockedMs } = sums;
    const endMs = startMs + parts.holdMs;
    const [first, last] = [this.#columns.at(startMs), this.#columns.at(endMs)];
    for (let column = first; column <= last; column += 1) {
      const share = this.#columns.partOf(column, first, last, startMs, endMs) / parts.holdMs;
      holdMs[column] = (holdMs[column] as number) + parts.holdMs * share;
      sqlMs[column] = (sqlMs[column] as number) + parts.sqlMs * share;
      awaitMs[column] = (awaitMs[column] as number) + parts.awaitMs * share;
      blockedMs[column] = (blockedMs[column] as number) + parts.blockedMs * share;
    }
  }
}
