/** So many things are kept one by one; more are added up, in so many columns of time. */
export const MOST_ROWS = 1000;
const COLUMNS = 1000;

/** A run divided into columns of equal length. */
export class TimeColumns {
  readonly count = COLUMNS;
  readonly columnMs: number;

  constructor(private readonly endMs: number) {
    this.columnMs = Math.max(endMs, 1) / COLUMNS;
  }

  /** The column of a moment. */
  at(ms: number): number {
    return Math.max(0, Math.min(COLUMNS - 1, Math.floor(Math.min(ms, this.endMs) / this.columnMs)));
  }

  /** How much of a time lies in a column that it reaches; `first` and `last` are those of its ends. */
  partOf(column: number, first: number, last: number, startMs: number, endMs: number): number {
    const from = column === first ? startMs : column * this.columnMs;
    const until = column === last ? endMs : (column + 1) * this.columnMs;
    return Math.max(0, until - from);
  }
}
