/** Reads clinic's data with clinic's own decoders, as a stream: it may be larger than memory. */
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Transform } from 'node:stream';
import { OperationLog } from './operation-log.js';

/** As clinic's decoders give them. */
interface ClinicEvent {
  event: 'init' | 'before' | 'after' | 'destroy';
  type: string;
  asyncId: number;
  /** Milliseconds on hrtime's clock. */
  timestamp: number;
  triggerAsyncId: number | null;
  executionAsyncId: number | null;
}

export interface ClinicFrame {
  functionName: string;
  typeName: string;
  isToplevel: boolean;
  isConstructor: boolean;
  fileName: string;
  lineNumber: number;
  columnNumber: number;
}

interface ClinicStack {
  asyncId: number;
  frames: ClinicFrame[];
}

/**
 * @param clinic the folder of @clinic/bubbleprof.
 * @param file trace events of one thread.
 * @param zeroMs subtracted from all times.
 */
export async function readOperations(clinic: string, file: string, zeroMs: number): Promise<OperationLog> {
  const log = new OperationLog();
  for await (const item of decode(clinic, 'trace-event', file)) {
    const { event, type, asyncId, timestamp, triggerAsyncId, executionAsyncId } = item as ClinicEvent;
    const ms = timestamp - zeroMs;
    if (event === 'init') log.addCreated(asyncId, type, triggerAsyncId ?? 0, executionAsyncId ?? 0, ms);
    else if (event === 'before') log.addBefore(asyncId, type, ms);
    else if (event === 'after') log.addAfter(asyncId, ms);
    else if (event === 'destroy') log.addDestroyed(asyncId);
  }
  return log;
}

/** The stacks at which these operations were created. */
export async function readStacks(clinic: string, file: string, wanted: ReadonlySet<number>): Promise<Map<number, ClinicFrame[]>> {
  const stacks = new Map<number, ClinicFrame[]>();
  for await (const item of decode(clinic, 'stack-trace', file)) {
    const { asyncId, frames } = item as ClinicStack;
    if (wanted.has(asyncId)) stacks.set(asyncId, frames);
  }
  return stacks;
}

function decode(clinic: string, format: 'trace-event' | 'stack-trace', file: string): Transform {
  const require = createRequire(join(clinic, 'package.json'));
  const Decoder = require(`./format/${format}-decoder.js`) as new () => Transform;
  const decoder = new Decoder();
  const input = createReadStream(file);
  input.on('error', (error) => decoder.destroy(error));
  return input.pipe(decoder);
}
