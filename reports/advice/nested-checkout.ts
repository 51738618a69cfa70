import type { NestingKind } from '../timeline/nesting.js';

const FORMULA = 'Until then, a pool is safe from it from N × (depth − 1) + 1 connections on, for N such flows at once.';

const WAYS: Record<NestingKind, string> = {
  same: `When all connections of the pool are held by flows that each want one more, none of them ever gets it. Pass the connection (the transaction) that is held on to this line instead of asking the pool again, or release it before. ${FORMULA}`,
  circle: 'Flows of one pool wait here for the other, and elsewhere flows of that one wait for this: when both are full, nobody goes on. Ask for both connections in the same order everywhere, or for one after the other is released.',
  other: "The first pool's connection serves nobody while the other pool is waited for, so a slow second pool empties the first. Ask the other pool before, or after the release; what is alike in both pools must never be asked for in the opposite order.",
  lock: "The first connection is kept for the lock of its session, and its flow needs a second one. That is safe as long as there is one such flow; if flows wait for the lock in SQL, each with a connection, none may be left for the one that has it. Give the lock a client of its own.",
  listen: "A connection that listens is kept for good anyway; give it a client of its own, and its handlers use the pool like everybody else.",
  cursor: 'The first connection is reading a cursor while its flow uses a second one for each row. Some such flows at once, and all of them wait for a connection that none gives back. Read in pages instead, or give the cursor a client of its own.',
};

export function adviseNested(kind: NestingKind): string {
  return WAYS[kind];
}
