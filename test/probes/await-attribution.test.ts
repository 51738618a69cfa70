import test, { type ExecutionContext } from 'ava';
import { useDatabase } from '../support/database.js';
import { linesOf } from '../support/program.js';
import { describeWaits, readArrows } from './support/arrows.js';
import { byName, holdNamed, placeOf, type Hold } from './support/holds.js';
import { readProgram, record, type Recorded } from './support/recorded.js';
import { findDangling, findFaults } from './support/well-formed.js';

const { database } = useDatabase(test);

/** Statements of a pipeline are under way at the same time. */
function isPipelined({ statements }: Hold): boolean {
  return statements.some(({ text }) => /^select \? as "a (?:pooled )?pipeline"$/.test(text));
}

/** Lines of a program that have this text, from 1. */
function linesWith(program: string, text: string): number[] {
  return readProgram(program).split('\n').flatMap((line, index) => (line.includes(text) ? [index + 1] : []));
}

const PROGRAMS = ['kinds-of-waits.mjs', 'entangled-flows.mjs'];

const records = new Map<string, (t: ExecutionContext) => Promise<Recorded>>();

function recorded(t: ExecutionContext, program: string): Promise<Recorded> {
  const recordOnce = records.get(program);
  if (recordOnce === undefined) throw new Error(`${program} is none of the programs`);
  return recordOnce(t);
}

for (const program of PROGRAMS) {
  const expected = readArrows(readProgram(program));
  let running: Promise<Recorded> | undefined;
  const recordOnce = (t: ExecutionContext): Promise<Recorded> => (running ??= database().then((url) => record(t, program, url)));

  records.set(program, recordOnce);

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

test('a wait has the way that led to it, from the innermost helper outward', async (t) => {
  const program = 'kinds-of-waits.mjs';
  const { holds } = await recorded(t, program);
  const [wait] = holdNamed(holds, 'fetch in a helper of a helper').gaps.flatMap(({ waits }) => waits);
  const own = (wait?.started ?? []).filter(([, file]) => file.endsWith(program)).map(([name, , line]) => [name.replace('async ', ''), line]);
  const [start = 0] = linesWith(program, "'fetch in a helper of a helper'");
  const after = (text: string): number | undefined => linesWith(program, text).find((line) => line > start);
  t.deepEqual(own.slice(0, 3), [['requestToken', after('await fetch(')], ['authorise', after('await requestToken()')], ['', after('await authorise()')]]);
});

test('what others started says where, if it was in a transaction of theirs', async (t) => {
  const program = 'entangled-flows.mjs';
  const { holds } = await recorded(t, program);
  const startOf = (name: string): unknown => placeOf(holdNamed(holds, name).gaps.flatMap(({ waits }) => waits)[0]?.started ?? []);
  t.deepEqual(startOf('reads the cache'), { file: program, line: linesWith(program, '[fills the cache]')[0] });
  t.deepEqual(startOf('begins a batch'), { file: program, line: linesWith(program, '[completes a batch]')[0] });
  t.is(startOf('an AsyncResource of the program'), null);
});

test('a gap has the line that ended it', async (t) => {
  const program = 'kinds-of-waits.mjs';
  const { holds } = await recorded(t, program);
  const { gaps } = holdNamed(holds, 'two timers');
  const [start = 0] = linesWith(program, "'two timers'");
  const select = linesWith(program, "await client.query('select 2')").find((line) => line > start);
  const [commit] = linesWith('transactions.mjs', "'COMMIT'");
  t.deepEqual(
    gaps.filter(({ waits }) => waits.length > 0).map(({ ended }) => placeOf(ended)),
    [{ file: program, line: select }, { file: 'transactions.mjs', line: commit }],
  );
});
