/**
 * The limits above which the rules speak, in milliseconds (shares: 0 to 1). They can be set in the configuration.
 * What is wrong by its structure has none: an await inside a transaction is one, however short.
 */
export const DEFAULT_LIMITS = {
  /**
   * A transaction that is idle for this long although nothing is awaited, again and again. A garbage collection or a
   * busy processor makes pauses of some milliseconds anywhere, therefore "again and again", and not less.
   */
  idleInTransactionMs: 5,
  /** The same, where once is enough: no pause of the runtime's own is that long without blocking the event loop. */
  idleOnceMs: 50,
  /** The share of the gaps at one place that have to be idle to be more than chance. */
  idleShare: 0.2,
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
} as const satisfies Record<string, number>;

export type Limits = { [Name in keyof typeof DEFAULT_LIMITS]: number };
