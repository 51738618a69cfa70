import test, { type ExecutionContext } from 'ava';
import { useDatabase } from '../support/database.js';
import { linesOf } from '../support/program.js';
import { describeWaits, readArrows } from './support/arrows.js';
import { byName, holdNamed, type Hold } from './support/holds.js';
import { readProgram, record, type Recorded } from './support/recorded.js';
import { findDangling, findFaults } from './support/well-formed.js';

const { database } = useDatabase(test);

/** Statements of a pipeline are under way at the same time. */
function isPipelined({ statements }: Hold): boolean {
  return statements.some(({ text }) => /^select \? as "a (?:pooled )?pipeline"$/.test(text));
}

const PROGRAMS = ['kinds-of-waits.mjs', 'entangled-flows.mjs'];

/** A checkout that is not granted leaves no trace of what was awaited. */
const NOT_YET = ['a nested checkout that times out', 'a nested checkout that cannot connect'];

for (const program of PROGRAMS) {
  const expected = readArrows(readProgram(program));
  let recorded: Promise<Recorded> | undefined;
  const recordOnce = (t: ExecutionContext): Promise<Recorded> => (recorded ??= database().then((url) => record(t, program, url)));

  for (const [name, waits] of expected) {
    const testOrFail = NOT_YET.includes(name) ? test.failing : test;
    testOrFail(`${program}: ${name}`, async (t) => {
      const { holds } = await recordOnce(t);
      t.deepEqual(describeWaits(holdNamed(holds, name), waits), waits);
    });
  }

  test(`${program}: transactions without an arrow wait for nothing`, async (t) => {
    const { holds } = await recordOnce(t);
    const others = [...byName(holds)].filter(([name]) => !expected.has(name));
    t.deepEqual(others.filter(([, hold]) => describeWaits(hold).length > 0).map(([name, hold]) => [name, describeWaits(hold)]), []);
  });

  test(`${program}: waits lie in gaps, gaps between statements, all in their checkouts`, async (t) => {
    const { holds } = await recordOnce(t);
    const faults = holds.map((hold): [number, string[]] => [hold.line.id, findFaults(hold, isPipelined(hold))]);
    t.deepEqual(faults.filter(([, found]) => found.length > 0), []);
  });

  test(`${program}: the probe had no trouble`, async (t) => {
    const { trace, stderr } = await recordOnce(t);
    t.deepEqual([linesOf(trace, 'problem'), linesOf(trace, 'lost')], [[], []]);
    t.deepEqual(findDangling(trace.lines), []);
    t.is(stderr, '');
  });
}
