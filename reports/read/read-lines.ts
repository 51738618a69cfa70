import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';

const CHUNK_BYTES = 1 << 18;
const NEWLINE = 10;

/**
 * Calls `onLine` with each line of a file, whether gzipped or not (told by its first bytes, not by its name).
 * Returns the rest after the last newline: what a killed process was about to write, usually "".
 * A compressed file may end anywhere; what was written before is read. Errors are those of the file system, and zlib's
 * for bytes that are no gzip.
 */
export async function readLines(file: string, onLine: (line: string) => void): Promise<string> {
  const stream = (await isGzip(file)) ? gunzip(file) : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of stream as AsyncIterable<Buffer>) {
    const chunk = rest.length === 0 ? part : Buffer.concat([rest, part]);
    const end = chunk.lastIndexOf(NEWLINE);
    // One decoding for all whole lines of a chunk: a decoding per line is twice as slow.
    if (end >= 0) splitLines(chunk.toString('utf8', 0, end), onLine);
    rest = chunk.subarray(end + 1);
  }
  return rest.toString('utf8');
}

function splitLines(text: string, onLine: (line: string) => void): void {
  let start = 0;
  for (;;) {
    const end = text.indexOf('\n', start);
    if (end < 0) break;
    if (end > start) onLine(text.slice(start, end));
    start = end + 1;
  }
  if (start < text.length) onLine(text.slice(start));
}

function gunzip(file: string): Readable {
  // With a sync flush, a file that was cut off ends quietly instead of failing.
  const decompress = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK_BYTES });
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
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
