import {
  CONNECTION_STATES,
  type BlockedLine,
  type StarvedLine,
  type ConnectionLine,
  type EndLine,
  type LostLine,
  type PoolLine,
  type ProblemLine,
  type StackLine,
  type StatementLine,
  type TraceHeader,
} from '../../probes/trace/events.js';
import { isFlag, isId, isTime } from './checkout-draft.js';

/** What JSON.parse made of a line that should be an object. */
export type Parsed = Readonly<Record<string, unknown>>;

const isText = (value: unknown): value is string => typeof value === 'string';
/** The watchdog's stacks have negative ids. */
const isStackId = (value: unknown): boolean => Number.isSafeInteger(value);
/** Of a server, a process id; PgBouncer makes numbers up, of 32 bits, which pg reads with their sign. */
const isBackend = (value: unknown): boolean => Number.isSafeInteger(value);
const isOptional = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value);

const isBoot = (value: unknown): boolean => Array.isArray(value) && isText(value[0]) && isTime(value[1]);

/** In the year 9892: later dates are written in another way. */
const LATEST_START = 2.5e14;

/** Whether a line has all that the format demands of its type; the fields that are left out may be missing. */
export const isHeader = (line: Parsed): line is Parsed & TraceHeader =>
  typeof line['startedAt'] === 'number' && line['startedAt'] >= 0 && line['startedAt'] < LATEST_START && isId(line['pid']) && isId(line['thread']) && isOptional(line['fromMs'], isTime) && isOptional(line['part'], isId) && isOptional(line['boot'], isBoot) && isOptional(line['startedIn'], isText) && ['node', 'cwd', 'script'].every((name) => isText(line[name]));

export const isStack = ({ id, frames }: Parsed): boolean => isStackId(id) && Array.isArray(frames) && frames.every(isFrame);

function isFrame(frame: unknown): boolean {
  if (!Array.isArray(frame)) return false;
  const [name, file, line, column] = frame as unknown[];
  return isText(name) && isText(file) && isId(line) && isId(column);
}

export const isStatement = ({ id, text }: Parsed): boolean => isId(id) && isText(text);

/** The lines that have a time, by their type. */
export const TIMED = {
  pool: ({ id, kind, version, max, acquireTimeoutMs, stack }: Parsed) => isId(id) && isText(kind) && isText(version) && isId(max) && isTime(acquireTimeoutMs) && isId(stack),
  connection: ({ id, pool, state, backend, error, pipelined }: Parsed) => isId(id) && isFlag(pipelined) && isId(pool) && CONNECTION_STATES.includes(state as never) && isOptional(backend, isBackend) && isOptional(error, isText),
  blocked: ({ ms, stack, late, open }: Parsed) => isTime(ms) && isFlag(late) && isFlag(open) && isOptional(stack, isStackId),
  starved: ({ ms }: Parsed) => isTime(ms),
  problem: ({ where, message }: Parsed) => isText(where) && isText(message),
  lost: ({ events }: Parsed) => isId(events),
  end: ({ exitCode }: Parsed) => exitCode === null || Number.isSafeInteger(exitCode),
  alive: () => true,
} as const satisfies Record<string, (line: Parsed) => boolean>;

export type TimedType = keyof typeof TIMED;
export type TimedLine = PoolLine | ConnectionLine | BlockedLine | StarvedLine | ProblemLine | LostLine | EndLine | { type: 'alive'; t: number };
export type { StackLine, StatementLine };

export function isTimedType(type: string): type is TimedType {
  return Object.hasOwn(TIMED, type);
}
