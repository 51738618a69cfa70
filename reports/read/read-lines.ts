import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { LineBuffer, type LineTaker } from './line-buffer.js';

export type { LineTaker };

const CHUNK_BYTES = 1 << 18;
const SMALL_CHUNK_BYTES = 1 << 8;

/** What became of a file. */
export interface LinesRead {
  /** What stands after the last newline: nothing, unless the file was cut off. */
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
  const handle = await open(file, 'r');
  try {
    if (!(await isGzip(handle))) return await readPlain(handle, new LineBuffer(taker), onBytes);
  } finally {
    await handle.close();
  }
  return readPacked(file, taker, CHUNK_BYTES, onBytes);
}

/** Into one buffer again and again: a stream makes a new one for each chunk, a seventh of the time that it takes to read a trace. */
async function readPlain(handle: FileHandle, lines: LineBuffer, onBytes?: (bytes: number) => void): Promise<LinesRead> {
  for (let position = 0; ; ) {
    const room = lines.room(CHUNK_BYTES);
    const { bytesRead } = await handle.read(room, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return { rest: lines.rest(), lines: lines.count, stopped: null };
    position += bytesRead;
    lines.fill(bytesRead);
    onBytes?.(position);
  }
}

async function readPacked(file: string, taker: LineTaker, chunkBytes: number, onBytes?: (bytes: number) => void): Promise<LinesRead> {
  const source = createReadStream(file, { highWaterMark: chunkBytes });
  const lines = new LineBuffer(taker);
  let hasRead = false;
  try {
    for await (const chunk of gunzip(source, chunkBytes) as AsyncIterable<Buffer>) {
      hasRead = true;
      chunk.copy(lines.room(chunk.length));
      lines.fill(chunk.length);
      onBytes?.(source.bytesRead);
    }
  } catch (error) {
    const isDamage = ((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_');
    // What is unpacked in the same step as the damage is lost: so in smaller steps, where that was all.
    if (isDamage && !hasRead && chunkBytes > SMALL_CHUNK_BYTES) return readPacked(file, taker, SMALL_CHUNK_BYTES, onBytes);
    if (!hasRead || !isDamage) throw error;
    return { rest: lines.rest(), lines: lines.count, stopped: (error as Error).message };
  }
  return { rest: lines.rest(), lines: lines.count, stopped: null };
}

function gunzip(source: Readable, chunkBytes: number): Readable {
  // With a sync flush, a file that was cut off ends quietly instead of failing.
  const decompress = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: chunkBytes });
  source.on('error', (error) => decompress.destroy(error));
  return source.pipe(decompress);
}

async function isGzip(handle: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}
