import { binOf, DURATION_EDGES_MS } from '../durations.js';
import type { Occurrences, Pool } from '../model.js';

/** So many are kept one by one; more are added up. */
const MOST = 1000;
const COLUMNS = 1000;

/** When something occurred on one pool. A million occurrences take no more room than some thousand numbers. */
export class OccurrenceSheet {
  #starts: number[] = [];
  #lengths: number[] = [];
  #columns: { count: Uint32Array; ms: Float64Array; maxMs: Float64Array } | null = null;
  readonly #columnMs: number;
  readonly #durations = Array.from({ length: DURATION_EDGES_MS.length + 1 }, () => 0);

  constructor(
    private readonly pool: Pool | null,
    private readonly endMs: number,
  ) {
    this.#columnMs = Math.max(endMs, 1) / COLUMNS;
  }

  add(startMs: number, ms: number): void {
    const bin = binOf(ms);
    this.#durations[bin] = (this.#durations[bin] as number) + 1;
    if (this.#columns === null) {
      this.#starts.push(startMs);
      this.#lengths.push(ms);
      if (this.#starts.length > MOST) this.#addUp();
    } else this.#spread(this.#columns, startMs, ms);
  }

  /** In order of time. */
  finish(): Occurrences {
    const known = { pool: this.pool, durations: this.#durations };
    if (this.#columns === null) {
      const order = this.#starts.map((_, i) => i).toSorted((a, b) => (this.#starts[a] as number) - (this.#starts[b] as number));
      const ms = order.map((i) => this.#lengths[i] as number);
      return { ...known, columnMs: 0, startMs: order.map((i) => this.#starts[i] as number), count: ms.map(() => 1), ms, maxMs: ms };
    }
    const { count, ms, maxMs } = this.#columns;
    const filled = [...ms.keys()].filter((column) => (ms[column] as number) > 0 || (count[column] as number) > 0);
    const pick = (values: ArrayLike<number>): number[] => filled.map((column) => values[column] as number);
    return { ...known, columnMs: this.#columnMs, startMs: filled.map((column) => column * this.#columnMs), count: pick(count), ms: pick(ms), maxMs: pick(maxMs) };
  }

  #addUp(): void {
    const columns = { count: new Uint32Array(COLUMNS), ms: new Float64Array(COLUMNS), maxMs: new Float64Array(COLUMNS) };
    for (const [i, startMs] of this.#starts.entries()) this.#spread(columns, startMs, this.#lengths[i] as number);
    this.#columns = columns;
    this.#starts = [];
    this.#lengths = [];
  }

  /** Counted where it began; its time is that of every column that it lasted through. */
  #spread({ count, ms: times, maxMs }: { count: Uint32Array; ms: Float64Array; maxMs: Float64Array }, startMs: number, ms: number): void {
    const first = this.#columnOf(startMs);
    const last = this.#columnOf(Math.min(startMs + ms, this.endMs));
    count[first] = (count[first] as number) + 1;
    maxMs[first] = Math.max(maxMs[first] as number, ms);
    for (let column = first; column <= last; column += 1) {
      const from = column === first ? startMs : column * this.#columnMs;
      const until = column === last ? startMs + ms : (column + 1) * this.#columnMs;
      times[column] = (times[column] as number) + Math.max(0, until - from);
    }
  }

  #columnOf(ms: number): number {
    return Math.max(0, Math.min(COLUMNS - 1, Math.floor(ms / this.#columnMs)));
  }
}
