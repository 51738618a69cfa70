/**
 * The files of one trace. A long recording is written in parts, `NAME.ndjson`, `NAME.part2.ndjson`…: those that are done can
 * be moved or packed while it goes on, and deleted here when only the last of it is to be kept.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TraceHeader } from '../trace/events.js';
import type { Keep } from './keep.js';

const PART_BYTES = 64_000_000;
/** What is kept is cut in so many parts: at most one of them more than was asked for is on the disk. */
const KEPT_PARTS = 8;
/** A block of the file system: so much has to be given up for room for a line on a full disk. */
const BLOCK_BYTES = 4096;

interface Part {
  path: string;
  bytes: number;
  /** When it was begun, and how far its definitions reach. */
  fromMs: number;
  headBytes: number;
}

export class TraceParts {
  readonly #path: string;
  readonly #header: TraceHeader;
  readonly #keep: Keep | null;
  /** The last one is being written. */
  readonly #parts: Part[] = [];
  #count = 0;
  #fd: number | null = null;
  /** Of the file that is being written: up to which lines are whole, and an earlier such place a block before. */
  #wholeBytes = 0;
  #earlierBytes = 0;
  #mostBytes = Infinity;

  /** @param path of the first part. It is made by `begin`. */
  constructor(path: string, header: TraceHeader, keep: Keep | null) {
    this.#path = path;
    this.#header = header;
    this.#keep = keep;
  }

  /** How many were begun. */
  get count(): number {
    return this.#count;
  }

  get isOpen(): boolean {
    return this.#fd !== null;
  }

  /** Whether it is time for the next part. */
  isFull(nowMs: number): boolean {
    const part = this.#parts.at(-1);
    if (part === undefined) return false;
    const { bytes, fromMs, headBytes } = part;
    const keep = this.#keep;
    if (keep !== null && 'ms' in keep && nowMs - fromMs >= keep.ms / KEPT_PARTS) return true;
    const limit = Math.min(keep !== null && 'bytes' in keep ? keep.bytes / KEPT_PARTS : PART_BYTES, this.#mostBytes / 2);
    // Definitions alone fill no part.
    return bytes >= Math.max(limit, headBytes * 2);
  }

  /**
   * Begins the first or the next part.
   * @param definitions what its lines will refer to, as lines.
   */
  begin(nowMs: number, definitions: Uint8Array): void {
    const number = ++this.#count;
    const path = pathOfPart(this.#path, number);
    const header: TraceHeader = number === 1 ? this.#header : { ...this.#header, part: number, fromMs: Math.round(nowMs) };
    if (number === 1) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Traces name files and statements of the program: they are for its owner alone.
    const fd = openSync(path, 'ax', 0o600);
    this.close();
    this.#fd = fd;
    this.#mostBytes = mostFileBytes();
    this.#wholeBytes = this.#earlierBytes = 0;
    this.#parts.push({ path, bytes: 0, fromMs: nowMs, headBytes: 0 });
    this.write(Buffer.concat([Buffer.from(JSON.stringify(header) + '\n'), definitions]));
    this.#parts.at(-1)!.headBytes = this.#wholeBytes;
    this.#prune(nowMs);
  }

  /** Writes whole lines. Throws what the file system throws. */
  write(bytes: Uint8Array): void {
    // One byte more and the system would end the program (SIGXFSZ).
    if (this.#wholeBytes + bytes.length > this.#mostBytes) throw new Error('EFBIG: the limit of a file\'s size is reached (ulimit -f)');
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#fd!, bytes, written);
    if (this.#wholeBytes - this.#earlierBytes >= BLOCK_BYTES) this.#earlierBytes = this.#wholeBytes;
    this.#wholeBytes += bytes.length;
    this.#parts.at(-1)!.bytes = this.#wholeBytes;
  }

  /** The last line, where what came before it could not be written: on a full disk, what is there makes room for it. */
  writeLast(line: Uint8Array): void {
    const fd = this.#fd;
    if (fd === null) return;
    for (const end of [this.#wholeBytes, this.#earlierBytes]) {
      try {
        ftruncateSync(fd, end);
        if (writeSync(fd, line) === line.length) return;
        ftruncateSync(fd, end);
      } catch {
        // There is no room: an earlier place.
      }
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #prune(nowMs: number): void {
    const keep = this.#keep;
    if (keep === null) return;
    const isEnough = (): boolean => {
      const [, second] = this.#parts;
      if (second === undefined) return false;
      if ('ms' in keep) return nowMs - second.fromMs >= keep.ms;
      return this.#parts.reduce((sum, { bytes }) => sum + bytes, 0) > keep.bytes - keep.bytes / KEPT_PARTS;
    };
    while (isEnough()) {
      const { path } = this.#parts.shift()!;
      try {
        unlinkSync(path);
      } catch {
        // Somebody took it away.
      }
    }
  }
}

/** @param path of the first part. @param number from 1. */
export function pathOfPart(path: string, number: number): string {
  return number <= 1 ? path : path.replace(/(?=\.ndjson$)/, `.part${number}`);
}

/** How large a file may become (ulimit -f), where that can be known. */
function mostFileBytes(): number {
  if (process.platform !== 'linux') return Infinity;
  try {
    const [, limit = ''] = /^Max file size\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return /^\d+$/.test(limit) ? Number(limit) : Infinity;
  } catch {
    return Infinity;
  }
}
