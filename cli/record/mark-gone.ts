/** Says in the traces of a command, once it has ended, what became of processes that could not say so themselves. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { GoneLine } from '../../probes/trace/events.js';
import { groupParts } from '../../reports/read/trace-parts.js';
import { isAlive } from './is-alive.js';

const TAIL_BYTES = 4096;
const HEAD_BYTES = 1024;

/** @param asked whether we ended them, or the user did. */
export function markGone(traces: readonly string[], asked: boolean): void {
  const line: GoneLine = { type: 'gone', asked };
  for (const parts of groupParts(traces)) {
    const last = parts.at(-1);
    if (last?.endsWith('.ndjson') !== true) continue;
    try {
      appendTo(last, `${JSON.stringify(line)}\n`);
    } catch {
      // A trace that can be read but not written to only says less.
    }
  }
}

function appendTo(file: string, line: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    const read = (position: number, length: number): string => {
      const bytes = Buffer.alloc(length);
      return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, length, position));
    };
    const pid = Number(/"pid":(\d+)/.exec(read(0, HEAD_BYTES))?.[1] ?? 0);
    const tail = read(Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
    // Behind a line that was cut off, ours would be a part of it.
    const isWhole = tail.endsWith('\n');
    const hasEnd = tail.includes('{"type":"end"') || tail.includes('{"type":"gone"');
    // Some make themselves daemons, and go on.
    if (isWhole && !hasEnd && pid > 0 && !isAlive(pid)) writeSync(descriptor, line, size);
  } finally {
    closeSync(descriptor);
  }
}
