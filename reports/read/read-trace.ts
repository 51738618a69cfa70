import {
  FORMAT_VERSION,
  type BlockedLine,
  type CheckoutLine,
  type ConnectionLine,
  type PoolLine,
  type ProblemLine,
  type RawFrame,
  type TraceHeader,
  type TraceLine,
} from '../../probes/trace/events.js';
import { mergeCheckouts } from './merge-checkouts.js';
import { readLines } from './read-lines.js';
import { TraceError } from './trace-error.js';

/** The lines of one trace, sorted by their type, checkouts put together. Times and ids are the trace's own. */
export interface RawTrace {
  file: string;
  header: TraceHeader;
  /** By id. */
  stacks: RawFrame[][];
  /** By id. */
  statements: string[];
  pools: PoolLine[];
  connections: ConnectionLine[];
  checkouts: CheckoutLine[];
  blocked: BlockedLine[];
  problems: ProblemLine[];
  lostEvents: number;
  badLines: number;
  /** The latest time that any line names. */
  endMs: number;
  /** null: the process did not end by itself, or had not ended. */
  /** Its last line is there. */
  ended: boolean;
  exitCode: number | null;
}

/**
 * Reads one trace file, line by line. A last line that was cut off is no error; other lines that cannot be read are
 * counted. Throws TraceError when the file is none, or of a newer format than this version reads.
 */
export async function readTrace(file: string): Promise<RawTrace> {
  let reader: TraceReader | undefined;
  const onLine = (line: string): void => {
    if (reader === undefined) reader = collectLines(file, readHeader(file, line));
    else reader.add(line);
  };
  try {
    const rest = await readLines(file, onLine);
    if (rest !== '') reader?.addCutOff(rest);
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TraceError(`cannot read ${file}: ${reason}`, { cause: error });
  }
  if (reader === undefined) throw new TraceError(`${file} is no pg-lifeguard trace: it has no whole line`);
  return reader.finish();
}

function readHeader(file: string, line: string): TraceHeader {
  const header = parse(line) as Partial<TraceHeader> | undefined;
  if (header?.type !== 'trace' || typeof header.version !== 'number' || typeof header.startedAt !== 'number') {
    throw new TraceError(`${file} is no pg-lifeguard trace: its first line is not {"type":"trace","version":${FORMAT_VERSION},…}`);
  }
  if (header.version !== FORMAT_VERSION) {
    const advice = header.version > FORMAT_VERSION ? 'update pg-lifeguard' : 'record it again';
    throw new TraceError(`${file} has trace format ${header.version}; this version reads format ${FORMAT_VERSION}: ${advice}`);
  }
  return header as TraceHeader;
}

interface TraceReader {
  add(line: string): void;
  /** The last, unterminated line: taken if it happens to be whole, else forgotten. */
  addCutOff(line: string): void;
  finish(): RawTrace;
}

function collectLines(file: string, header: TraceHeader): TraceReader {
  const trace: RawTrace = {
    file,
    header,
    stacks: [],
    statements: [],
    pools: [],
    connections: [],
    checkouts: [],
    blocked: [],
    problems: [],
    lostEvents: 0,
    badLines: 0,
    endMs: 0,
    ended: false,
    exitCode: null,
  };
  const checkouts = mergeCheckouts();
  const take = (line: TraceLine): boolean => {
    switch (line.type) {
      case 'checkout':
        if (!isWhole(line) || !checkouts.add(line)) return false;
        trace.endMs = Math.max(trace.endMs, line.t, line.t + (line.waitMs ?? 0) + (line.useMs ?? 0));
        return true;
      case 'stack':
        if (!Array.isArray(line.frames)) return false;
        trace.stacks[line.id] = line.frames;
        return true;
      case 'statement':
        trace.statements[line.id] = line.text;
        return true;
      case 'trace':
        return false;
      default:
        // A type that is not known is of a later minor version: not ours to judge.
        if (typeof line.t !== 'number') return typeof (line as { type?: unknown }).type === 'string' && !isKnown(line.type);
        trace.endMs = Math.max(trace.endMs, line.t + (line.type === 'blocked' ? line.ms : 0));
        takeTimed(trace, line);
        return true;
    }
  };
  const takeText = (text: string): boolean => {
    const line = parse(text);
    return typeof line === 'object' && line !== null && take(line as TraceLine);
  };
  return {
    add(text) {
      if (!takeText(text)) trace.badLines += 1;
    },
    addCutOff(text) {
      takeText(text);
    },
    finish() {
      trace.checkouts = checkouts.finish();
      for (const line of trace.checkouts) {
        if (line.outcome === undefined) trace.endMs = Math.max(trace.endMs, lastKnownMs(line));
      }
      return trace;
    },
  };
}

const TIMED_TYPES = ['pool', 'connection', 'blocked', 'problem', 'lost', 'end', 'alive'] as const;
type TimedLine = Extract<TraceLine, { type: (typeof TIMED_TYPES)[number] }>;

function isKnown(type: string): boolean {
  return (TIMED_TYPES as readonly string[]).includes(type);
}

function takeTimed(trace: RawTrace, line: TimedLine): void {
  switch (line.type) {
    case 'pool':
      trace.pools.push(line);
      break;
    case 'connection':
      trace.connections.push(line);
      break;
    case 'blocked':
      takeBlocked(trace.blocked, line);
      break;
    case 'problem':
      trace.problems.push(line);
      break;
    case 'lost':
      trace.lostEvents += line.events;
      break;
    case 'end':
      trace.ended = true;
      trace.exitCode = line.exitCode;
      break;
    case 'alive':
      break;
    default:
      break;
  }
}

/** A block is written again while it lasts, and once it is over. */
function takeBlocked(blocked: BlockedLine[], line: BlockedLine): void {
  const index = blocked.findLastIndex(({ t }) => t <= line.t);
  if (blocked[index]?.t === line.t) blocked[index] = line;
  else blocked.push(line);
}

/** Of an open checkout: the last moment that one of its parts names. */
function lastKnownMs(line: CheckoutLine): number {
  let ms = (line.waitMs ?? 0) + (line.running?.[1] ?? 0);
  for (const [, start, duration] of line.q ?? []) ms = Math.max(ms, start + duration);
  for (const gap of line.gaps ?? []) ms = Math.max(ms, gap.t + gap.ms);
  return line.t + ms;
}

function isWhole({ id, t, q, gaps }: CheckoutLine): boolean {
  return typeof id === 'number' && typeof t === 'number' && (q === undefined || Array.isArray(q)) && (gaps === undefined || Array.isArray(gaps));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
