import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';

const CHUNK_BYTES = 1 << 18;
const SMALL_CHUNK_BYTES = 1 << 8;
const NEWLINE = 10;
/** Longer lines are none of the recorder's: they are passed over, not kept in memory. */
const LONGEST_LINE_BYTES = 1 << 26;

/** Is given the lines of a file. They lie in `bytes`, which are valid during the call only; numbers of lines begin at 1. */
export interface LineTaker {
  /**
   * May take the line that begins at `start` and end it itself, which is faster than to look for its end first.
   * @returns where its newline is; -1: it did not take it.
   */
  takeQuickly(bytes: Buffer, start: number, line: number): number;
  take(bytes: Buffer, start: number, end: number, line: number): void;
  /** A line is too long to be one. */
  skip(line: number): void;
}

/** What became of a file. */
export interface LinesRead {
  /** What stands after the last newline: what a killed process was about to write, usually nothing. */
  rest: Buffer;
  /** How many lines were read. */
  lines: number;
  /** Why the file could not be read any further; null: it was read to its end. */
  stopped: string | null;
}

/**
 * Gives the lines of a file to `taker`, whether it is gzipped or not (told by its first bytes, not by its name). A compressed
 * file may end anywhere, and have something else behind it: what was before is read. `onBytes` is told how much of the file
 * has been read. Throws the file system's errors, and zlib's when nothing could be read at all.
 */
export async function readLines(file: string, taker: LineTaker, onBytes?: (bytes: number) => void): Promise<LinesRead> {
  return readChunks(file, taker, CHUNK_BYTES, onBytes);
}

async function readChunks(file: string, taker: LineTaker, chunkBytes: number, onBytes?: (bytes: number) => void): Promise<LinesRead> {
  const source = createReadStream(file, { highWaterMark: chunkBytes });
  const isPacked = await isGzip(file);
  const splitter = new LineSplitter(taker);
  let hasRead = false;
  try {
    for await (const chunk of (isPacked ? gunzip(source, chunkBytes) : source) as AsyncIterable<Buffer>) {
      hasRead = true;
      splitter.add(chunk);
      onBytes?.(source.bytesRead);
    }
  } catch (error) {
    const isDamage = isPacked && ((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_');
    // What is unpacked in the same step as the damage is lost: so in smaller steps, where that was all.
    if (isDamage && !hasRead && chunkBytes > SMALL_CHUNK_BYTES) return readChunks(file, taker, SMALL_CHUNK_BYTES, onBytes);
    if (!hasRead || !isDamage) throw error;
    return { rest: splitter.rest(), lines: splitter.lines, stopped: (error as Error).message };
  }
  return { rest: splitter.rest(), lines: splitter.lines, stopped: null };
}

class LineSplitter {
  readonly #taker: LineTaker;
  /** The beginning of a line that goes on in the next chunk. */
  #begun: Buffer[] = [];
  #begunBytes = 0;
  #line = 1;

  constructor(taker: LineTaker) {
    this.#taker = taker;
  }

  add(chunk: Buffer): void {
    let start = 0;
    if (this.#begunBytes > 0) {
      const end = chunk.indexOf(NEWLINE);
      if (end < 0) return this.#begin(chunk, 0);
      this.#finish(chunk.subarray(0, end));
      start = end + 1;
    }
    while (start < chunk.length) {
      let end = this.#taker.takeQuickly(chunk, start, this.#line);
      if (end < 0) {
        end = chunk.indexOf(NEWLINE, start);
        if (end < 0) return this.#begin(chunk, start);
        if (end > start) this.#taker.take(chunk, start, end, this.#line);
      }
      this.#line += 1;
      start = end + 1;
    }
  }

  get lines(): number {
    return this.#line - 1;
  }

  rest(): Buffer {
    if (this.#begunBytes > LONGEST_LINE_BYTES) this.#taker.skip(this.#line);
    return Buffer.concat(this.#begun);
  }

  #begin(chunk: Buffer, start: number): void {
    this.#begunBytes += chunk.length - start;
    if (this.#begunBytes > LONGEST_LINE_BYTES) this.#begun = [];
    else this.#begun.push(chunk.subarray(start));
  }

  #finish(end: Buffer): void {
    const line = Buffer.concat([...this.#begun, end]);
    if (this.#begunBytes > LONGEST_LINE_BYTES) this.#taker.skip(this.#line);
    else this.#taker.take(line, 0, line.length, this.#line);
    this.#line += 1;
    this.#begun = [];
    this.#begunBytes = 0;
  }
}

function gunzip(source: Readable, chunkBytes: number): Readable {
  // With a sync flush, a file that was cut off ends quietly instead of failing.
  const decompress = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: chunkBytes });
  source.on('error', (error) => decompress.destroy(error));
  return source.pipe(decompress);
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}
