/**
 * The records of the ring: their kinds and the order of their numbers. Times are milliseconds since the trace's start. A
 * slot is the place of a checkout among the open ones: small, and used again by others; the id tells whose it is.
 */

export const RECORD = {
  /** text: a whole line of the trace. */
  line: 1,
  /** slot, id, t, pool, source, stack, inside */
  request: 2,
  /** slot, id, t, connection */
  acquire: 3,
  /** slot, id, t, statement, stack */
  start: 4,
  /** slot, id, start, duration, statement, status, queued, stack, has error; text: the error's code, when it has one */
  statement: 5,
  /** slot, id; text: a RawGap as JSON, its times relative to the checkout */
  gap: 6,
  /** slot, id, t, outcome, has error; text: the error's code */
  end: 7,
  /** A whole `pool.query` at once: id, t, pool, stack, inside, wait, connection, start, duration, statement, status, end, outcome */
  query: 8,
  /** t, ms: the event loop did not turn */
  blocked: 9,
} as const;

/** The longest text of a record; longer ones are cut before they get here. */
export const LONGEST_TEXT = 16_384;
