/**
 * The limits above which the rules speak, in milliseconds (shares: 0 to 1). They can be set in the configuration.
 * What is wrong by its structure has none: an await inside a transaction is one, however short.
 */
export const DEFAULT_LIMITS = {
  /**
   * A transaction that is idle for this long although nothing is awaited, again and again. A garbage collection or a
   * busy processor makes such pauses anywhere, therefore "again and again", and not less.
   */
  idleInTransactionMs: 10,
  /** The same, where once is enough: shorter pauses happen by chance on a machine with too much to do. */
  idleOnceMs: 200,
  /** The share of the gaps at one place that have to be idle to be more than chance. */
  idleShare: 0.8,
  /** Longer transactions keep locks and old row versions for so long that others feel it. */
  transactionMs: 1000,
  /**
   * Longer waits for a connection are starvation. A tenth of a second is what people still take for "at once": a request
   * that waits this long feels slow before it has begun. Shorter ones are usual in a pool that is well used, and a wait
   * of several short holds in a row is no fault.
   */
  starvationWaitMs: 100,
  /** Waits while the pool opens its connections are worth a word only from here on: every start has some. */
  connectingWaitMs: 1000,
  /** An open connection that nobody has used for so long looks lost, if that is much longer than usual for its place. */
  leakMs: 500,
  /** The same when the process has ended by itself. Shorter: it may have exited in the middle of its work. */
  leakAtExitMs: 300,
  /** The same where the last thing that was seen is a wait that may go on. */
  leakPendingMs: 30_000,
  /** All blocks of the event loop at one place, added up, as far as connections were held or awaited meanwhile. */
  blockedMs: 200,
  /** A single block as long as this is a fault of its place; of shorter ones, it takes some: a busy machine makes one anywhere. */
  blockedOnceMs: 500,
  /** A block that has not ended when the trace does, from this length on, is a frozen process. */
  frozenMs: 1000,
  /** So many statements in one transaction or checkout that are the same but for their values. */
  repeatedQueries: 10,
  /** Statements at one place that had to queue on their own client. */
  serializedQueries: 3,
  /** What they waited for each other altogether, from which on it is more than a note. */
  serializedMs: 50,
  /** A connection without a transaction that is held unused for so long. */
  longCheckoutMs: 1000,
  /** The server's max_connections, for whoever wants to know before it refuses one; 0: not known. */
  maxConnections: 0,
} as const satisfies Record<string, number>;

export type Limits = { [Name in keyof typeof DEFAULT_LIMITS]: number };
