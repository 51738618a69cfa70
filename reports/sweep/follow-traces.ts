/** Reads what the probe appends to its traces, while the program runs. */
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { TraceLine } from '../../probes/trace/events.js';

/** @param trace the file's name. @param startedAt of its header, epoch milliseconds. */
export type OnTraceLine = (trace: string, startedAt: number, line: TraceLine) => void;

const CHUNK_BYTES = 1 << 20;
/** Others, mostly stacks, say nothing about who waits. */
const WANTED = /^\{"type":"(?:trace|pool|checkout)"/;

/**
 * @param ignore names of files that were there before.
 * @returns reads what has come since the last call.
 */
export function followTraces(directory: string, ignore: ReadonlySet<string>, onLine: OnTraceLine): () => void {
  const files = new Map<string, { at: number; rest: string; startedAt: number; decoder: StringDecoder }>();
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  return () => {
    if (!existsSync(directory)) return;
    for (const name of readdirSync(directory)) {
      if (!name.endsWith('.ndjson') || ignore.has(name)) continue;
      let file = files.get(name);
      if (file === undefined) files.set(name, (file = { at: 0, rest: '', startedAt: 0, decoder: new StringDecoder('utf8') }));
      const fd = openSync(join(directory, name), 'r');
      try {
        for (let count = 1; count > 0; ) {
          count = readSync(fd, buffer, 0, CHUNK_BYTES, file.at);
          file.at += count;
          const lines = (file.rest + file.decoder.write(buffer.subarray(0, count))).split('\n');
          file.rest = lines.pop() ?? '';
          for (const text of lines) {
            if (!WANTED.test(text)) continue;
            const line = parse(text);
            if (line === null) continue;
            if (line.type === 'trace') file.startedAt = line.startedAt;
            // A long trace lies in several files.
            else onLine(name.replace(/\.part\d+(?=\.ndjson$)/, ''), file.startedAt, line);
          }
        }
      } finally {
        closeSync(fd);
      }
    }
  };
}

/** What cannot be read is counted when the report is made. */
function parse(text: string): TraceLine | null {
  try {
    return JSON.parse(text) as TraceLine;
  } catch {
    return null;
  }
}
