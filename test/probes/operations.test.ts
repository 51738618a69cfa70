import test from 'ava';
import type { Checkout } from '../../probes/observe/checkouts.js';
import { OPERATION } from '../../probes/observe/operation-kinds.js';
import type { Operation } from '../../probes/observe/operation.js';
import { Operations } from '../../probes/observe/operations.js';
import { Stacks } from '../../probes/observe/stacks.js';
import type { Recorder } from '../../probes/recorder/recorder.js';

/** How many operations are kept by one. */
function countReached(from: Operation): number {
  const reached = new Set([from]);
  for (const { parent, createdIn, settledIn, ranAfter } of reached) {
    for (const link of [parent, createdIn, settledIn, ranAfter]) if (link !== null) reached.add(link);
  }
  return reached.size;
}

const holds = { isHeld: true, isSampled: false, inFlight: 0, noteStart: () => undefined };

test.serial('a flow of statements that never ends does not keep all that it ever did', async (t) => {
  const operations = new Operations(new Stacks({ line: () => undefined } as unknown as Recorder), () => performance.now());
  const checkout = { ...holds } as unknown as Checkout;
  operations.start();
  try {
    let most = 0;
    for (let i = 0; i < 3000; i++) {
      const statement = operations.create(OPERATION.statement, null, performance.now(), null);
      checkout.inFlight = 1;
      await new Promise<void>((resolve) => {
        setImmediate(() => {
          checkout.inFlight = 0;
          operations.enter(statement, checkout);
          resolve();
          operations.leave(statement);
        });
      });
      if (operations.current !== null) most = Math.max(most, countReached(operations.current));
    }
    t.true(most > 100 && most < 2000, `${most} operations`);
  } finally {
    operations.stop();
  }
});
