/** The first line of a trace's file. */
import { FORMAT_VERSION, type TraceHeader } from '../../probes/trace/events.js';
import { isHeader, type Parsed } from './check-line.js';
import { TraceError } from './trace-error.js';

/** @throws TraceError when the text is none, or of a format that this version does not read. */
export function readHeader(file: string, text: string): TraceHeader {
  const header = parseLine(text);
  if (header?.['type'] !== 'trace' || typeof header['version'] !== 'number') {
    throw new TraceError(`${file} is no pg-lifeguard trace: its first line is not {"type":"trace","version":${FORMAT_VERSION},…}`);
  }
  const { version } = header;
  if (version !== FORMAT_VERSION) {
    const advice = version > FORMAT_VERSION ? 'update pg-lifeguard' : 'record it again';
    throw new TraceError(`${file} has trace format ${version}; this version reads format ${FORMAT_VERSION}: ${advice}`);
  }
  if (!isHeader(header)) throw new TraceError(`${file} is damaged in its first line: startedAt, pid, thread, node, cwd or script is not what a trace has there`);
  return header;
}

/** Which thread of which process wrote it: the same for all parts and copies of a trace. */
export function identify({ pid, thread, startedAt }: TraceHeader): string {
  return `${pid} ${thread} ${startedAt}`;
}

/** The first one has no number. */
export function partOf({ part = 1 }: TraceHeader): number {
  return part;
}

/** @returns undefined when it is no JSON object. */
export function parseLine(text: string): Parsed | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Parsed) : undefined;
  } catch {
    return undefined;
  }
}
