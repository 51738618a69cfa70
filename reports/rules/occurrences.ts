import { binOf, DURATION_EDGES_MS } from '../durations.js';
import type { Occurrences, Pool } from '../model.js';
import { HoldSheet } from './hold-sheet.js';
import type { Offence } from './rule.js';
import { MOST_ROWS, TimeColumns } from './time-columns.js';

/** Statements of which is known when they stood around an occurrence; programs that write their own SQL have thousands. */
const MOST_STATEMENTS = 64;

type Occurrence = Pick<Offence, 'startMs' | 'ms' | 'statements'> & { checkout: { id: string } };

interface Row {
  startMs: number;
  ms: number;
  checkout: string;
  statements: readonly string[];
}

interface Sums {
  count: Uint32Array;
  running: Uint32Array;
  ms: Float64Array;
  /** Of the longest: its length, beginning and checkout. */
  maxMs: Float64Array;
  worstMs: Float64Array;
  checkouts: string[];
  statements: Map<string, Uint32Array>;
}

/** When something occurred on one pool. A million occurrences take no more room than some thousand numbers. */
export class OccurrenceSheet {
  readonly holds: HoldSheet;
  #rows: Row[] = [];
  #sums: Sums | null = null;
  readonly #columns: TimeColumns;
  readonly #durations = Array.from({ length: DURATION_EDGES_MS.length + 1 }, () => 0);

  constructor(
    private readonly pool: Pool | null,
    endMs: number,
  ) {
    this.#columns = new TimeColumns(endMs);
    this.holds = new HoldSheet(endMs);
  }

  add({ checkout, startMs, ms, statements }: Occurrence): void {
    const bin = binOf(ms);
    this.#durations[bin] = (this.#durations[bin] as number) + 1;
    if (this.#sums === null) {
      this.#rows.push({ startMs, ms, checkout: checkout.id, statements });
      if (this.#rows.length > MOST_ROWS) this.#addUp();
    } else this.#spread(this.#sums, startMs, ms, checkout, statements);
  }

  /** In order of time. */
  finish(): Occurrences {
    const known = { pool: this.pool, durations: this.#durations, holds: this.holds.finish() };
    return this.#sums === null ? { ...known, ...listRows(this.#rows) } : { ...known, ...listColumns(this.#sums, this.#columns.columnMs) };
  }

  #addUp(): void {
    const { count } = this.#columns;
    const sums: Sums = { count: new Uint32Array(count), running: new Uint32Array(count), ms: new Float64Array(count), maxMs: new Float64Array(count).fill(-1), worstMs: new Float64Array(count), checkouts: Array.from({ length: count }, () => ''), statements: new Map() };
    for (const { startMs, ms, checkout, statements } of this.#rows) this.#spread(sums, startMs, ms, { id: checkout }, statements);
    this.#sums = sums;
    this.#rows = [];
  }

  /** Counted where it began; in each column that it then lasted through it is there, with the time that it spent in it. */
  #spread(sums: Sums, startMs: number, ms: number, checkout: { id: string }, statements: readonly string[]): void {
    const { count, running, ms: times, maxMs, worstMs, checkouts } = sums;
    const [first, last] = [this.#columns.at(startMs), this.#columns.at(startMs + ms)];
    count[first] = (count[first] as number) + 1;
    for (let column = first; column <= last; column += 1) {
      if (column > first) running[column] = (running[column] as number) + 1;
      times[column] = (times[column] as number) + this.#columns.partOf(column, first, last, startMs, startMs + ms);
      if (ms <= (maxMs[column] as number)) continue;
      maxMs[column] = ms;
      worstMs[column] = startMs;
      checkouts[column] = checkout.id;
    }
    for (const statement of statements) {
      let counts = sums.statements.get(statement);
      if (counts === undefined && sums.statements.size < MOST_STATEMENTS) sums.statements.set(statement, (counts = new Uint32Array(this.#columns.count)));
      if (counts !== undefined) for (let column = first; column <= last; column += 1) counts[column] = (counts[column] as number) + 1;
    }
  }
}

type Listed = Omit<Occurrences, 'pool' | 'durations' | 'holds'>;

function listRows(unsorted: readonly Row[]): Listed {
  const rows = unsorted.toSorted((a, b) => a.startMs - b.startMs);
  const [startMs, ms] = [rows.map((row) => row.startMs), rows.map((row) => row.ms)];
  const statements = [...new Set(rows.flatMap((row) => row.statements))].filter((text) => text !== '');
  return {
    columnMs: 0,
    startMs,
    count: rows.map(() => 1),
    running: rows.map(() => 0),
    ms,
    maxMs: ms,
    worst: { startMs, checkout: rows.map(({ checkout }) => checkout) },
    statements: statements.slice(0, MOST_STATEMENTS).map((text) => {
      const among = [...rows.keys()].filter((row) => rows[row]?.statements.includes(text));
      return { text, rows: among, counts: among.map(() => 1) };
    }),
  };
}

function listColumns({ count, running, ms, maxMs, worstMs, checkouts, statements }: Sums, columnMs: number): Listed {
  const filled = [...maxMs.keys()].filter((column) => (maxMs[column] as number) >= 0);
  const rowOf = new Map(filled.map((column, row) => [column, row]));
  const pick = (values: ArrayLike<number>): number[] => filled.map((column) => values[column] as number);
  return {
    columnMs,
    startMs: filled.map((column) => column * columnMs),
    count: pick(count),
    running: pick(running),
    ms: pick(ms),
    maxMs: pick(maxMs),
    worst: { startMs: pick(worstMs), checkout: filled.map((column) => checkouts[column] as string) },
    statements: [...statements].filter(([text]) => text !== '').map(([text, counts]) => {
      const among = filled.filter((column) => (counts[column] as number) > 0);
      return { text, rows: among.map((column) => rowOf.get(column) as number), counts: among.map((column) => counts[column] as number) };
    }),
  };
}
