import test, { type ExecutionContext } from 'ava';
import { useDatabase } from '../support/database.js';
import { linesOf } from '../support/program.js';
import { describeWaits, readArrows, type Arrows } from './support/arrows.js';
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

/** Some versions of pg (8.20 is one) warn of what one of the cases does on purpose: statements that stand in line for their client. */
const OF_PG = /^\(node:\d+\) DeprecationWarning: Calling client\.query\(\) when the client is already executing a query is deprecated .*\n(?:\(Use `node .*\n)?/m;

/**
 * The cases of a program are run in several processes, one after the other: the probe captures stacks within a budget, and
 * these programs do in a second what takes others an hour.
 */
const CASES_A_PROCESS = 8;

class Recordings {
  readonly arrows: Arrows;
  readonly #running = new Map<number, Promise<Recorded>>();

  constructor(readonly program: string) {
    this.arrows = readArrows(readProgram(program));
  }

  /** In which of the processes a transaction runs. One that is expected before its case is begun says so by its arrow only. */
  of(t: ExecutionContext, name: string): Promise<Recorded> {
    const { cases, expected } = this.arrows;
    const from = expected.find((one) => one.name === name)?.from ?? name;
    return this.part(t, Math.floor(cases.indexOf(from) / CASES_A_PROCESS));
  }

  get parts(): number {
    return Math.ceil(this.arrows.cases.length / CASES_A_PROCESS);
  }

  part(t: ExecutionContext, index: number): Promise<Recorded> {
    const known = this.#running.get(index);
    if (known !== undefined) return known;
    const args = this.arrows.cases.slice(index * CASES_A_PROCESS, (index + 1) * CASES_A_PROCESS);
    const recorded = inTurn(async () => record(t, this.program, await database(), { args }));
    this.#running.set(index, recorded);
    return recorded;
  }
}

let last: Promise<unknown> = Promise.resolve();

function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
  const result = last.then(run);
  last = result.catch(() => {});
  return result;
}

const KINDS = new Recordings('kinds-of-waits.mjs');
const FLOWS = new Recordings('entangled-flows.mjs');

for (const recordings of [KINDS, FLOWS]) {
  const { program, arrows } = recordings;
  for (const { name, waits } of arrows.expected) {
    test(`${program}: ${name}`, async (t) => {
      const { holds } = await recordings.of(t, name);
      t.deepEqual(describeWaits(holdNamed(holds, name), waits), waits);
    });
  }

  for (let part = 0; part < recordings.parts; part++) {
    test(`${program}, part ${part + 1}: transactions without an arrow wait for nothing`, async (t) => {
      const { holds } = await recordings.part(t, part);
      const others = [...byName(holds)].filter(([name]) => !arrows.expected.some((one) => one.name === name));
      t.deepEqual(others.filter(([, hold]) => describeWaits(hold).length > 0).map(([name, hold]) => [name, describeWaits(hold)]), []);
    });

    test(`${program}, part ${part + 1}: waits lie in gaps, gaps between statements, all in their checkouts`, async (t) => {
      const { holds } = await recordings.part(t, part);
      const faults = holds.map((hold): [number, string[]] => [hold.line.id, findFaults(hold, isPipelined(hold))]);
      t.deepEqual(faults.filter(([, found]) => found.length > 0), []);
    });

    test(`${program}, part ${part + 1}: the probe had no trouble`, async (t) => {
      const { trace, stderr } = await recordings.part(t, part);
      t.deepEqual([linesOf(trace, 'problem'), linesOf(trace, 'lost')], [[], []]);
      t.deepEqual(findDangling(trace.lines), []);
      t.is(stderr.replace(OF_PG, ''), '');
    });
  }
}

test('a wait has the way that led to it, from the innermost helper outward', async (t) => {
  const { program } = KINDS;
  const { holds } = await KINDS.of(t, 'fetch in a helper of a helper');
  const [wait] = holdNamed(holds, 'fetch in a helper of a helper').gaps.flatMap(({ waits }) => waits);
  const own = (wait?.started ?? []).filter(([, file]) => file.endsWith(program)).map(([name, , line]) => [name.replace('async ', ''), line]);
  const [start = 0] = linesWith(program, "'fetch in a helper of a helper'");
  const after = (text: string): number | undefined => linesWith(program, text).find((line) => line > start);
  t.deepEqual(own.slice(0, 3), [['requestToken', after('await fetch(')], ['authorise', after('await requestToken()')], ['', after('await authorise()')]]);
});

test('what others started says where, if it was in a transaction of theirs', async (t) => {
  const { program } = FLOWS;
  const startOf = async (name: string): Promise<unknown> => {
    const { holds } = await FLOWS.of(t, name);
    return placeOf(holdNamed(holds, name).gaps.flatMap(({ waits }) => waits)[0]?.started ?? []);
  };
  t.deepEqual(await startOf('reads the cache'), { file: program, line: linesWith(program, '[fills the cache]')[0] });
  t.deepEqual(await startOf('begins a batch'), { file: program, line: linesWith(program, '[completes a batch]')[0] });
  t.is(await startOf('an AsyncResource of the program'), null);
});

test('a gap has the line that ended it', async (t) => {
  const { program } = KINDS;
  const { holds } = await KINDS.of(t, 'two timers');
  const { gaps } = holdNamed(holds, 'two timers');
  const [start = 0] = linesWith(program, "'two timers'");
  const select = linesWith(program, "await client.query('select 2')").find((line) => line > start);
  const [commit] = linesWith('transactions.mjs', "'COMMIT'");
  t.deepEqual(
    gaps.filter(({ waits }) => waits.length > 0).map(({ ended }) => placeOf(ended)),
    [{ file: program, line: select }, { file: 'transactions.mjs', line: commit }],
  );
});
