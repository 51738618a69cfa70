import test, { type ExecutionContext } from 'ava';
import { useDatabase } from '../support/database.js';
import { linesOf } from '../support/program.js';
import { describeWaits, readArrows } from './support/arrows.js';
import { byName, holdNamed } from './support/holds.js';
import { readProgram, record, type Recorded } from './support/recorded.js';

const { database } = useDatabase(test);

const PROGRAMS = ['kinds-of-waits.mjs', 'entangled-flows.mjs'];

for (const program of PROGRAMS) {
  const expected = readArrows(readProgram(program));
  let recorded: Promise<Recorded> | undefined;
  const recordOnce = (t: ExecutionContext): Promise<Recorded> => (recorded ??= database().then((url) => record(t, program, url)));

  for (const [name, waits] of expected) {
    test(`${program}: ${name}`, async (t) => {
      const { holds } = await recordOnce(t);
      t.deepEqual(describeWaits(holdNamed(holds, name), waits), waits);
    });
  }

  test(`${program}: transactions without an arrow wait for nothing`, async (t) => {
    const { holds } = await recordOnce(t);
    const others = [...byName(holds)].filter(([name]) => !expected.has(name));
    t.deepEqual(others.filter(([, hold]) => describeWaits(hold).length > 0).map(([name, hold]) => [name, describeWaits(hold)]), []);
  });

  test(`${program}: the probe had no trouble`, async (t) => {
    const { traces, stderr } = await recordOnce(t);
    t.deepEqual(traces.flatMap((trace) => linesOf(trace, 'problem')), []);
    t.deepEqual(traces.flatMap((trace) => linesOf(trace, 'lost')), []);
    t.is(stderr, '');
  });
}
