/** What the connection was kept for, as far as that is known. */
export type LongHold = 'listen' | 'lock' | 'cursor' | 'await' | 'idle';

const WAYS: Record<LongHold, string> = {
  listen: 'A LISTEN needs its connection for as long as it listens, which takes it from the pool for good. Give it a client of its own (new Client), outside of the pool.',
  lock: "A session's lock needs its connection for as long as it is held, which takes it from the pool meanwhile. Give it a client of its own (new Client), or use a lock of a transaction.",
  cursor: 'The rows are read more slowly than the server sends them, by a slow consumer most likely. Read in pages, each with a connection of its own, or write to a file first and send that.',
  await: 'Nobody else can use the connection while its flow waits for something else. Release it before, and ask for another one afterwards.',
  idle: 'Nobody else can use the connection meanwhile. Release it after the last statement, or use pool.query where there is only one.',
};

export function adviseLongCheckout(kind: LongHold): string {
  return WAYS[kind];
}
