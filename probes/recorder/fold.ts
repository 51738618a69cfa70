/**
 * Folds the ring's records into lines of the trace. A checkout that begins and ends between two drains becomes one line; of
 * the others, what is new since the last drain is written as a part (see CheckoutLine).
 */
import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES, TRANSACTION_STATUSES } from '../trace/events.js';
import { RECORD } from './records.js';
import type { RingConsumer } from './ring.js';

/** What is known of a checkout and not yet written. */
interface Open {
  t: number;
  /** Fields for the next part, each with its leading comma. */
  fields: string;
  queries: string;
  gaps: string;
  running: string | null;
  /** `running` was written and has to be taken back. */
  runningWritten: boolean;
  acquiredAt: number;
}

export class Folder {
  readonly #ring: RingConsumer;
  readonly #open = new Map<number, Open>();
  /** Those that changed since the last flush. */
  readonly #changed = new Set<number>();
  #lines = '';

  constructor(ring: RingConsumer) {
    this.#ring = ring;
  }

  /** Reads what is in the ring; gives the lines for the file, each with its line end. */
  fold(): string {
    this.#lines = '';
    this.#ring.drain(this.#take);
    for (const id of this.#changed) this.#writePart(id, this.#open.get(id)!, '');
    this.#changed.clear();
    return this.#lines;
  }

  readonly #take = (kind: number, at: number): void => {
    const ring = this.#ring;
    if (kind === RECORD.query) this.#takeQuery(at);
    else if (kind === RECORD.line) this.#lines += ring.text(at) + '\n';
    else if (kind === RECORD.request) this.#takeRequest(at);
    else {
      const id = ring.at(at);
      const open = this.#open.get(id);
      // Its request was dropped: without it the rest says nothing that could be relied on.
      if (open === undefined) return;
      if (kind === RECORD.acquire) this.#takeAcquire(open, at);
      else if (kind === RECORD.start) this.#takeStart(open, at);
      else if (kind === RECORD.statement) this.#takeStatement(open, at);
      else if (kind === RECORD.gap) open.gaps += `,${ring.text(at + 1)}`;
      else if (kind === RECORD.end) return this.#takeEnd(id, open, at);
      this.#changed.add(id);
    }
  };

  #takeQuery(at: number): void {
    const ring = this.#ring;
    const t = ring.at(at + 1);
    const wait = ring.at(at + 5);
    const stack = ring.at(at + 3);
    const inside = ring.at(at + 4);
    const outcome = CHECKOUT_OUTCOMES[ring.at(at + 12)]!;
    const query = rawQuery(ring.at(at + 9), ring.at(at + 7) - t, ring.at(at + 8), ring.at(at + 10), '', 0, 0);
    this.#lines +=
      `{"type":"checkout","id":${ring.at(at)},"t":${ms(t)},"pool":${ring.at(at + 2)},"via":"query"` +
      (stack === 0 ? '' : `,"stack":${stack}`) +
      (inside === 0 ? '' : `,"inside":${inside}`) +
      `,"connection":${ring.at(at + 6)},"waitMs":${ms(wait)},"useMs":${ms(ring.at(at + 11) - t - wait)}` +
      `,"outcome":"${outcome}","q":[${query}]}\n`;
  }

  #takeRequest(at: number): void {
    const ring = this.#ring;
    const id = ring.at(at);
    const stack = ring.at(at + 4);
    const inside = ring.at(at + 5);
    const t = ring.at(at + 1);
    const fields =
      `,"pool":${ring.at(at + 2)},"via":"${CHECKOUT_SOURCES[ring.at(at + 3)]}"` +
      (stack === 0 ? '' : `,"stack":${stack}`) +
      (inside === 0 ? '' : `,"inside":${inside}`);
    this.#open.set(id, { t, fields, queries: '', gaps: '', running: null, runningWritten: false, acquiredAt: Number.NaN });
    this.#changed.add(id);
  }

  #takeAcquire(open: Open, at: number): void {
    open.acquiredAt = this.#ring.at(at + 1);
    open.fields += `,"connection":${this.#ring.at(at + 2)},"waitMs":${ms(open.acquiredAt - open.t)}`;
  }

  #takeStart(open: Open, at: number): void {
    const ring = this.#ring;
    open.running = `[${ring.at(at + 2)},${ms(ring.at(at + 1) - open.t)},${ring.at(at + 3)}]`;
  }

  #takeStatement(open: Open, at: number): void {
    const ring = this.#ring;
    const error = ring.at(at + 7) === 0 ? '' : ring.text(at + 8);
    open.queries += `,${rawQuery(ring.at(at + 3), ring.at(at + 1) - open.t, ring.at(at + 2), ring.at(at + 4), error, ring.at(at + 5), ring.at(at + 6))}`;
    open.running = null;
  }

  #takeEnd(id: number, open: Open, at: number): void {
    const ring = this.#ring;
    const t = ring.at(at + 1);
    const error = ring.at(at + 3) === 0 ? '' : `,"error":${JSON.stringify(ring.text(at + 4))}`;
    const time = Number.isNaN(open.acquiredAt) ? `"waitMs":${ms(t - open.t)}` : `"useMs":${ms(t - open.acquiredAt)}`;
    this.#writePart(id, open, `,${time},"outcome":"${CHECKOUT_OUTCOMES[ring.at(at + 2)]}"${error}`);
    this.#open.delete(id);
    this.#changed.delete(id);
  }

  #writePart(id: number, open: Open, end: string): void {
    let line = `{"type":"checkout","id":${id},"t":${ms(open.t)}${open.fields}${end}`;
    if (open.queries !== '') line += `,"q":[${open.queries.slice(1)}]`;
    if (open.gaps !== '') line += `,"gaps":[${open.gaps.slice(1)}]`;
    if (end === '' && open.running !== null) line += `,"running":${open.running}`;
    else if (open.runningWritten) line += ',"running":null';
    this.#lines += line + '}\n';
    open.fields = '';
    open.queries = '';
    open.gaps = '';
    open.runningWritten = open.running !== null;
  }
}

function rawQuery(statement: number, startMs: number, durationMs: number, status: number, error: string, queuedMs: number, stack: number): string {
  const head = `[${statement},${ms(startMs)},${ms(durationMs)}`;
  if (status === 0 && error === '' && queuedMs === 0 && stack === 0) return head + ']';
  const withStatus = `${head},"${TRANSACTION_STATUSES[status]}"`;
  if (error === '' && queuedMs === 0 && stack === 0) return withStatus + ']';
  return `${withStatus},${JSON.stringify(error)},${ms(queuedMs)},${stack}]`;
}

/** Ends of decimal numbers, as a table: formatting a double costs more than all else in a line. */
const FRACTIONS = Array.from({ length: 1000 }, (_, i) => (i === 0 ? '' : `.${String(i).padStart(3, '0').replace(/0+$/, '')}`));

/** Milliseconds with microseconds as the shortest decimal number; negative ones (a clock's rounding) become 0. */
export function ms(value: number): string {
  const micros = value > 0 ? Math.round(value * 1000) : 0;
  const whole = Math.floor(micros / 1000);
  return `${whole}${FRACTIONS[micros - whole * 1000]}`;
}
