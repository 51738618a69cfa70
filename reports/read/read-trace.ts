import { basename } from 'node:path';
import type { BlockedLine, StarvedLine, ConnectionLine, PoolLine, ProblemLine, RawFrame, StackLine, StatementLine, TraceHeader } from '../../probes/trace/events.js';
import { toUs, US } from '../microseconds.js';
import type { Unreadable } from '../model.js';
import { isHeader, isStack, isStatement, isTimedType, TIMED, type Parsed, type TimedLine } from './check-line.js';
import { CheckoutDraft, draftCheckout, isTime, QUERY } from './checkout-draft.js';
import { CheckoutTable } from './checkout-table.js';
import { CheckoutMerger } from './merge-checkouts.js';
import { readLines, type LineTaker } from './read-lines.js';
import { CheckoutScanner } from './scan-checkout.js';
import { TraceError } from './trace-error.js';
import { identify, parseLine, partOf, readHeader } from './trace-header.js';

/** The lines of one trace, sorted by their type, checkouts put together. Times and ids are the trace's own. */
export interface RawTrace {
  file: string;
  header: TraceHeader;
  /** By id. */
  stacks: Map<number, RawFrame[]>;
  /** By id. */
  statements: Map<number, string>;
  pools: PoolLine[];
  connections: ConnectionLine[];
  checkouts: CheckoutTable;
  blocked: BlockedLine[];
  starved: StarvedLine[];
  problems: ProblemLine[];
  lostEvents: number;
  /** One entry a file, for those of which something could not be read. */
  unreadable: Unreadable[];
  /** From when on it tells; later than 0 when its first files have been deleted. */
  fromMs: number;
  /** The latest time that any line names. */
  endMs: number;
  /** Its last line is there. */
  ended: boolean;
  /** null: the process did not end by itself, or had not ended. */
  exitCode: number | null;
  /** Of a process that did not end by itself and is no more: whether it was ended on purpose. */
  gone?: 'ended' | 'killed';
}

/**
 * Reads one trace, line by line: a file, or the files of one in their order (as `groupParts` has them). A last line that was
 * cut off is no error; other lines that cannot be read are counted. Throws TraceError when a file is none, or of a newer
 * format than this version reads.
 * @param onBytes is told now and then how many bytes of which file have been read.
 */
export async function readTrace(files: string | readonly string[], onBytes?: (bytes: number, file: string) => void): Promise<RawTrace> {
  let reader: TraceReader | null = null;
  for (const file of [files].flat()) reader = await readFile(file, reader, onBytes);
  if (reader === null) throw new TraceError('no trace to read');
  return reader.finish();
}

/** @param before what was read from the files before, and goes on with this one. */
async function readFile(file: string, before: TraceReader | null, onBytes?: (bytes: number, file: string) => void): Promise<TraceReader> {
  let reader: TraceReader | undefined;
  const taker: LineTaker = {
    takeQuickly: (bytes, start, line) => reader?.takeQuickly(bytes, start, line) ?? -1,
    take(bytes, start, end, line) {
      const text = bytes.toString('utf8', start, end);
      if (reader !== undefined) return reader.take(text, line);
      const header = readHeader(file, text);
      reader = before === null ? new TraceReader(file, header) : before.continueWith(file, header);
    },
    skip: (line) => reader?.addUnreadable(line),
  };
  try {
    const { rest, lines, stopped } = await readLines(file, taker, onBytes && ((bytes) => onBytes(bytes, file)));
    if (reader === undefined && before !== null) return before;
    if (reader === undefined) throw new TraceError(`${file} is no pg-lifeguard trace: it has no whole line${stopped === null ? '' : ` (${stopped})`}`);
    if (stopped !== null) reader.stop(lines, stopped);
    // The recorder writes whole lines, and a killed process leaves whole ones behind: this is a file of which the rest is missing.
    else if (rest.length > 0 && !reader.takeLast(rest.toString('utf8'), lines + 1)) reader.stop(lines, 'it is cut off in the middle of a line');
    return reader;
  } catch (error) {
    if (error instanceof TraceError) throw error;
    throw new TraceError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

class TraceReader {
  readonly #trace: Omit<RawTrace, 'checkouts'>;
  readonly #table = new CheckoutTable();
  readonly #merger: CheckoutMerger;
  readonly #scanner = new CheckoutScanner();
  readonly #draft = new CheckoutDraft();
  /** The latest time that a checkout names. */
  #endUs = 0;
  /** That is being read, and the part of the trace that it is. */
  #file: string;
  #part: number;
  /** What follows in the file is none of this trace. */
  #isOver = false;

  constructor(file: string, header: TraceHeader) {
    this.#file = file;
    this.#part = partOf(header);
    this.#merger = new CheckoutMerger(this.#table, toUs(header.fromMs ?? 0));
    this.#trace = {
      file,
      header,
      stacks: new Map(),
      statements: new Map(),
      pools: [],
      connections: [],
      blocked: [],
      starved: [],
      problems: [],
      lostEvents: 0,
      unreadable: [],
      fromMs: header.fromMs ?? 0,
      endMs: 0,
      ended: false,
      exitCode: null,
    };
  }

  /**
   * @returns who reads the file: another one where a part before it is missing. What was read then counts no more, as all that
   * ended in the missing part would seem to go on.
   * @throws TraceError when the file is none of this trace's.
   */
  continueWith(file: string, header: TraceHeader): TraceReader {
    const { header: first, file: firstFile } = this.#trace;
    if (identify(header) !== identify(first)) throw new TraceError(`${file} is no part of the trace in ${firstFile}: they are of different processes; put them into different directories`);
    const part = partOf(header);
    if (part > this.#part + 1) {
      const next = new TraceReader(file, header);
      next.#trace.unreadable.push(unread(firstFile, `part ${this.#part + 1} of its trace is missing, so that is read from ${basename(file)} on`));
      return next;
    }
    this.#isOver = part <= this.#part;
    if (this.#isOver) this.#trace.unreadable.push(unread(file, `part ${part} of its trace was read before, from ${basename(this.#file)}`));
    else [this.#file, this.#part] = [file, part];
    return this;
  }

  /** As LineTaker has it: takes nearly all lines there are, those of checkouts. */
  takeQuickly(bytes: Buffer, start: number, line: number): number {
    if (this.#isOver) return -1;
    const end = this.#scanner.scan(bytes, start, this.#draft);
    if (end >= 0 && !this.#takeCheckout()) this.addUnreadable(line);
    return end;
  }

  take(text: string, line: number): void {
    if (!this.#isOver && !this.#takeText(text, line)) this.addUnreadable(line);
  }

  addUnreadable(line: number): void {
    if (this.#isOver) return;
    const unreadable = this.#unreadable();
    unreadable.lines += 1;
    unreadable.firstLine ??= line;
  }

  /** The last, unterminated line. @returns whether it was whole. */
  takeLast(text: string, line: number): boolean {
    return this.#isOver || this.#takeText(text, line);
  }

  /** Nothing more can be read. */
  stop(afterLine: number, reason: string): void {
    if (this.#isOver) return;
    this.#unreadable().stopped = { afterLine, reason };
  }

  #unreadable(): Unreadable {
    const { unreadable } = this.#trace;
    let own = unreadable.find(({ file }) => file === this.#file);
    if (own === undefined) unreadable.push((own = { file: this.#file, lines: 0, firstLine: null, stopped: null }));
    return own;
  }

  finish(): RawTrace {
    for (const draft of this.#merger.finish()) this.#endUs = Math.max(this.#endUs, lastKnownUs(draft));
    this.#reach(this.#endUs / US);
    return { ...this.#trace, checkouts: this.#table };
  }

  #reach(ms: number): void {
    if (ms > this.#trace.endMs) this.#trace.endMs = ms;
  }

  #takeText(text: string, number: number): boolean {
    const line = parseLine(text);
    const type = line?.['type'];
    if (line === undefined || typeof type !== 'string') return false;
    if (type === 'checkout') return draftCheckout(line, this.#draft) && this.#takeCheckout();
    if (type === 'stack') return isStack(line) && this.#define(this.#trace.stacks, line['id'], (line as unknown as StackLine).frames);
    if (type === 'statement') return isStatement(line) && this.#define(this.#trace.statements, line['id'], (line as unknown as StatementLine).text);
    if (type === 'trace') return this.#takeHeader(line, number);
    if (type === 'gone') {
      this.#trace.gone = line['asked'] === true ? 'ended' : 'killed';
      return true;
    }
    // A type that is not known is of a later minor version: not ours to judge.
    if (!isTimedType(type)) return true;
    if (!isTime(line['t']) || !TIMED[type](line)) return false;
    this.#takeTimed(line as unknown as TimedLine);
    return true;
  }

  /** Of a file that was put behind another one. */
  #takeHeader(header: Parsed, number: number): boolean {
    if (!isHeader(header)) return false;
    if (identify(header) === identify(this.#trace.header) && partOf(header) === this.#part + 1) this.#part += 1;
    else {
      this.stop(number - 1, 'another trace begins there');
      this.#isOver = true;
    }
    return true;
  }

  #define<Value>(map: Map<number, Value>, id: unknown, value: Value): true {
    map.set(id as number, value);
    return true;
  }

  #takeCheckout(): boolean {
    const { tUs, waitUs, useUs } = this.#draft;
    if (!this.#merger.add(this.#draft)) return false;
    this.#endUs = Math.max(this.#endUs, tUs + Math.max(0, waitUs) + Math.max(0, useUs));
    return true;
  }

  #takeTimed(line: TimedLine): void {
    const trace = this.#trace;
    this.#reach(line.t + (line.type === 'blocked' ? line.ms : 0));
    // Each file of a trace repeats it.
    if (line.type === 'pool') void (trace.pools.some(({ id }) => id === line.id) || trace.pools.push(line));
    else if (line.type === 'connection') trace.connections.push(line);
    else if (line.type === 'blocked') takeBlocked(trace.blocked, line);
    else if (line.type === 'starved') trace.starved.push(line);
    else if (line.type === 'problem') trace.problems.push(line);
    else if (line.type === 'lost') trace.lostEvents += line.events;
    else if (line.type === 'end') {
      trace.ended = true;
      trace.exitCode = line.exitCode;
    }
  }
}

function unread(file: string, reason: string): Unreadable {
  return { file, lines: 0, firstLine: null, stopped: { afterLine: 0, reason } };
}

/** A block is written again while it lasts, and once it is over. */
function takeBlocked(blocked: BlockedLine[], line: BlockedLine): void {
  const index = blocked.findLastIndex(({ t }) => t <= line.t);
  if (blocked[index]?.t === line.t) blocked[index] = line;
  else blocked.push(line);
}

/** Of an open checkout: the last moment that one of its parts names. */
function lastKnownUs({ tUs, waitUs, queries, queryEnd, gaps, running }: CheckoutDraft): number {
  let us = Math.max(0, waitUs) + (running?.[1] ?? 0);
  for (let at = 0; at < queryEnd; at += QUERY.size) us = Math.max(us, (queries[at + QUERY.startUs] as number) + (queries[at + QUERY.us] as number));
  for (const gap of gaps ?? []) us = Math.max(us, gap.startUs + gap.us);
  return tUs + us;
}
