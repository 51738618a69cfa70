/** Drains a ring into a trace's files. Used by the writer thread, and by the program's thread when that never came up. */
import type { TraceHeader, TraceLine } from '../trace/events.js';
import { Definitions } from './definitions.js';
import { Folder } from './fold.js';
import type { Keep } from './keep.js';
import { LineBuffer } from './line-buffer.js';
import { CONTROL, RingConsumer, type SharedRing } from './ring.js';
import { TraceParts } from './trace-parts.js';

/** Where a trace goes, and how much of it is kept; null: all. */
export interface TraceTarget {
  /** Of its first file. */
  path: string;
  header: TraceHeader;
  keep: Keep | null;
}

export class TraceFile {
  readonly #lines = new LineBuffer();
  readonly #definitions = new Definitions();
  readonly #folder: Folder;
  readonly #parts: TraceParts;
  readonly #control: Int32Array;
  #dropped = 0;
  #added = '';
  #drainedAt = 0;

  /**
   * The file is made when there is something behind its header.
   * @param onBlocked as Folder's.
   */
  constructor(ring: SharedRing, { path, header, keep }: TraceTarget, onBlocked?: (t: number, ms: number) => void) {
    this.#parts = new TraceParts(path, header, keep);
    this.#folder = new Folder(new RingConsumer(ring), this.#lines, onBlocked, this.#definitions);
    this.#control = new Int32Array(ring.control);
  }

  /** A line to be written behind what is in the ring. */
  add(line: TraceLine): void {
    const text = JSON.stringify(line);
    this.#definitions.note(text);
    this.#added += `${text}\n`;
  }

  /** Writes what is in the ring, behind it `more` (whole lines). Throws what the file system throws. */
  drain(nowMs: number, more = ''): void {
    const lines = this.#lines;
    const parts = this.#parts;
    if (parts.isFull(nowMs)) this.#beginPart();
    lines.clear();
    this.#folder.fold();
    const dropped = Atomics.load(this.#control, CONTROL.dropped);
    if (dropped !== this.#dropped) {
      lines.utf8(JSON.stringify({ type: 'lost', t: Math.round(nowMs), events: dropped - this.#dropped }) + '\n');
      this.#dropped = dropped;
    }
    if (this.#added !== '') {
      lines.utf8(this.#added);
      this.#added = '';
    }
    this.#drainedAt = nowMs;
    if (lines.length === 0 && !parts.isOpen) return;
    if (!parts.isOpen) this.#begin(nowMs, new Uint8Array());
    if (more !== '') lines.utf8(more);
    if (lines.length > 0) parts.write(lines.written);
  }

  /** Nothing more can be written: says so in the trace, if that can be, and closes it. */
  fail(nowMs: number, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const line = { type: 'problem', t: Math.round(nowMs), where: 'trace', message: `nothing could be written from here on: ${message}` };
    this.#parts.writeLast(Buffer.from(JSON.stringify(line) + '\n'));
    this.#parts.close();
  }

  close(): void {
    this.#parts.close();
  }

  #beginPart(): void {
    const lines = this.#lines;
    lines.clear();
    this.#definitions.writeTo(lines);
    this.#folder.carry();
    this.#begin(this.#drainedAt, lines.written);
  }

  #begin(fromMs: number, definitions: Uint8Array): void {
    this.#parts.begin(fromMs, definitions);
    Atomics.store(this.#control, CONTROL.part, this.#parts.count);
  }
}
