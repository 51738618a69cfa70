/**
 * The records of the ring: their kinds and the order of their numbers. Times are milliseconds since the trace's start. They
 * are as short as can be: what they fill of the ring goes through the caches of two processors, and costs the program more
 * than putting it there.
 *
 * `who` is a pair: the slot of a checkout (its place among the open ones: small, and used again by others), and its id.
 */

export const RECORD = {
  /** text: a whole line of the trace. */
  line: 1,
  /** who, t, pool, source, stack, inside */
  request: 2,
  /** who, t, connection */
  acquire: 3,
  /** A request and its acquire at once: who, t, pool, source, stack, inside, wait, connection */
  taken: 4,
  /** who, t, statement, stack, queued */
  start: 5,
  /** The statement that was started last was answered, without an error: who, duration, status */
  answered: 6,
  /** who, start, duration, statement, status, queued, stack, has error; text: the error's code, when it has one */
  statement: 7,
  /** who; text: a RawGap as JSON, its times relative to the checkout */
  gap: 8,
  /** who, t, outcome, has error; text: the error's code */
  end: 9,
  /** A whole `pool.query` at once: id, t, pair of stack and pool, pair of statement and inside, pair of ending and connection, wait, start, duration */
  query: 10,
  /** t, ms: the event loop did not turn */
  blocked: 11,
} as const;

/** How a `pool.query` ended: its outcome, and the transaction status times this. */
export const STATUS_FACTOR = 16;

const SECOND = 2 ** 32;

/** Two integers in one number; the first below 2 ** 21, the second below 2 ** 32. */
export function pair(first: number, second: number): number {
  return first * SECOND + second;
}

export function firstOf(both: number): number {
  return Math.floor(both / SECOND);
}

export function secondOf(both: number): number {
  return both - Math.floor(both / SECOND) * SECOND;
}

/** The longest text of a record; longer ones are cut before they get here. */
export const LONGEST_TEXT = 16_384;
