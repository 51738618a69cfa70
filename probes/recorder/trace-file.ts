/** Drains a ring into a file. Used by the writer thread, and by the program's thread when that never came up. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TraceLine } from '../trace/events.js';
import { Folder } from './fold.js';
import { LineBuffer } from './line-buffer.js';
import { CONTROL, RingConsumer, type SharedRing } from './ring.js';

export class TraceFile {
  readonly #path: string;
  readonly #header: string;
  readonly #lines = new LineBuffer();
  readonly #folder: Folder;
  readonly #control: Int32Array;
  #fd: number | null = null;
  #dropped = 0;
  #added = '';

  /**
   * @param header first line of the trace, with its line end; the file is made when there is something behind it.
   * @param onBlocked as Folder's.
   */
  constructor(ring: SharedRing, path: string, header: string, onBlocked?: (t: number, ms: number) => void) {
    this.#path = path;
    this.#header = header;
    this.#folder = new Folder(new RingConsumer(ring), this.#lines, onBlocked);
    this.#control = new Int32Array(ring.control);
  }

  /** A line to be written behind what is in the ring. */
  add(line: TraceLine): void {
    this.#added += JSON.stringify(line) + '\n';
  }

  /** Writes what is in the ring, behind it `more` (whole lines). Throws what the file system throws. */
  drain(nowMs: number, more = ''): void {
    const lines = this.#lines;
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
    if (lines.length === 0 && this.#fd === null) return;
    if (this.#fd === null) this.#open();
    if (more !== '') lines.utf8(more);
    if (lines.length > 0) this.#write(lines.written);
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #open(): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    // Traces name files and statements of the program: they are for its owner alone.
    this.#fd = openSync(this.#path, 'ax', 0o600);
    this.#write(Buffer.from(this.#header));
  }

  #write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#fd!, bytes, written);
  }
}
