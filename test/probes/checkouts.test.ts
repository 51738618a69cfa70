import test, { type ExecutionContext } from 'ava';
import { readFileSync } from 'node:fs';
import type { CheckoutLine } from '../../probes/trace/events.js';
import { useDatabase } from '../support/database.js';
import { MODULES, versionIn } from '../support/folder.js';
import { closedPort } from '../support/http-service.js';
import { linesOf } from '../support/program.js';
import { byName, holdNamed, placeOf, type Hold } from './support/holds.js';
import { readProgram, record, type Recorded } from './support/recorded.js';
import { findDangling, findFaults } from './support/well-formed.js';

const { database } = useDatabase(test);

const PROGRAM = 'lifecycles.mjs';

let recorded: Promise<Recorded> | undefined;

function recordOnce(t: ExecutionContext): Promise<Recorded> {
  return (recorded ??= Promise.all([database(), closedPort()]).then(([url, port]) => record(t, PROGRAM, url, { env: { CLOSED_PORT: String(port) } })));
}

/** What a case of the program said on stdout. */
async function saidBy(t: ExecutionContext, name: string): Promise<unknown> {
  const { stdout } = await recordOnce(t);
  const said = stdout.trim().split('\n').map((line): [string, unknown] => JSON.parse(line));
  return said.find(([who]) => who === name)?.[1];
}

/** The part of a checkout that does not depend on when it was. */
function pick({ line }: Hold): Pick<CheckoutLine, 'via' | 'outcome' | 'error'> {
  const { via, outcome, error } = line;
  return { via, ...(outcome === undefined ? {} : { outcome }), ...(error === undefined ? {} : { error }) };
}

/** Those whose request stands in the program's source right after this case's name. */
function requestedIn(holds: readonly Hold[], name: string): Hold[] {
  const source = readProgram(PROGRAM).split('\n');
  const start = source.findIndex((line) => line.startsWith(`  ${name}:`) || line.startsWith(`  '${name}':`)) + 1;
  const end = source.findIndex((line, index) => index >= start && /^ {2}\S/.test(line)) + 1;
  return holds.filter(({ frames }) => frames.some(([, file, line]) => file.endsWith(PROGRAM) && line >= start && line <= end));
}

test('every checkout has its wait and use time; statements, gaps and waits lie in it and do not overlap', async (t) => {
  const { holds } = await recordOnce(t);
  t.deepEqual(
    holds.map((hold): [number, string[]] => [hold.line.id, findFaults(hold)]).filter(([, faults]) => faults.length > 0),
    [],
  );
  t.deepEqual(holds.filter(({ line }) => line.outcome === undefined).map(({ line }) => line), [], 'all have ended');
});

test('no value of the program is in the trace', async (t) => {
  const { trace } = await recordOnce(t);
  const text = readFileSync(trace.file, 'utf8');
  t.regex(text, /select \$1::text as config/);
  t.notRegex(text, /canary|8_?421_?337/);
});

test('the probe had no trouble', async (t) => {
  const { trace } = await recordOnce(t);
  t.deepEqual([linesOf(trace, 'problem'), linesOf(trace, 'lost')], [[], []]);
  t.deepEqual(findDangling(trace.lines), []);
  t.deepEqual(linesOf(trace, 'end').map(({ exitCode }) => exitCode), [0]);
});

const OUTCOMES: [name: string, expected: ReturnType<typeof pick>][] = [
  ['released', { via: 'connect', outcome: 'released' }],
  ['destroyed', { via: 'connect', outcome: 'destroyed' }],
  ['destroyed with an error', { via: 'connect', outcome: 'destroyed' }],
  ['used up', { via: 'connect', outcome: 'released' }],
  ['keeps the others waiting', { via: 'connect', outcome: 'released' }],
  ['after the timeouts', { via: 'connect', outcome: 'released' }],
  ['released before the answer', { via: 'connect', outcome: 'released' }],
  ['terminated', { via: 'connect', outcome: 'destroyed', error: '57P01' }],
  ['terminated while idle in a transaction', { via: 'connect', outcome: 'destroyed', error: '57P01' }],
  ['a lone client', { via: 'client', outcome: 'released' }],
  ['pool.query', { via: 'query', outcome: 'released' }],
  ['pool.query with a callback', { via: 'query', outcome: 'released' }],
];
for (const [name, expected] of OUTCOMES) {
  test(`${name}: ${expected.via}, ${expected.outcome}`, async (t) => {
    const { holds } = await recordOnce(t);
    t.deepEqual(pick(holdNamed(holds, name)), expected);
  });
}

test('a request that times out is a checkout without a connection, and the program gets its error', async (t) => {
  const { holds } = await recordOnce(t);
  const error = { name: 'Error', message: 'timeout exceeded when trying to connect' };
  t.deepEqual(await saidBy(t, 'timeout'), [error, error, error, 0]);
  const timedOut = requestedIn(holds, 'timeout').filter(({ line }) => line.outcome === 'timeout');
  t.deepEqual(timedOut.map(pick), [
    { via: 'connect', outcome: 'timeout' },
    { via: 'connect', outcome: 'timeout' },
    { via: 'query', outcome: 'timeout' },
  ]);
  t.true(timedOut.every(({ statements }) => statements.length === 0));
});

test('a connection that cannot be made fails with its code, and the program gets its error', async (t) => {
  const { holds, trace } = await recordOnce(t);
  const said = (await saidBy(t, 'cannot connect')) as { code: string; message: string }[];
  t.deepEqual(said.map(({ code }) => code), ['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED']);
  t.true(said.every(({ message }) => message.startsWith('connect ECONNREFUSED 127.0.0.1:')));
  t.deepEqual(requestedIn(holds, 'cannot connect').map(pick), [
    { via: 'query', outcome: 'failed', error: 'ECONNREFUSED' },
    { via: 'connect', outcome: 'failed', error: 'ECONNREFUSED' },
    { via: 'query', outcome: 'failed', error: 'ECONNREFUSED' },
  ]);
  t.deepEqual(requestedIn(holds, 'no such database').map(pick), [{ via: 'connect', outcome: 'failed', error: '3D000' }]);
  const failed = linesOf(trace, 'connection').filter(({ state }) => state === 'failed');
  // The last is a client without a pool: it was never held.
  t.deepEqual(failed.map(({ error }) => error), ['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED', '3D000', 'ECONNREFUSED']);
  t.is(failed.at(-1)?.pool, 0);
});

test('a pool that has ended is asked for nothing', async (t) => {
  const { holds } = await recordOnce(t);
  t.deepEqual(await saidBy(t, 'connect after the end'), { name: 'Error', message: 'Cannot use a pool after calling end on the pool' });
  t.deepEqual(requestedIn(holds, 'connect after the end'), []);
});

test("statements have their errors' SQLSTATE and the server's word on the transaction", async (t) => {
  const { holds } = await recordOnce(t);
  const describe = (name: string): string[] => holdNamed(holds, name).statements.map(({ text, status, error }) => `${status} ${error} ${text}`);
  t.deepEqual(describe('errors').slice(1), [
    'I 22012 select ?/?',
    'I 42601 selekt',
    'T  BEGIN',
    'E 22012 select ?/?',
    'E 25P02 select ?',
    'I  ROLLBACK',
    'I 22P02 select $1::int',
  ]);
  const ofPool = holds.filter(({ statements }) => statements[0]?.text === 'select ?/? as "an error of pool.query"');
  t.deepEqual(ofPool.map((hold) => [pick(hold), hold.statements[0]?.error]), [[{ via: 'query', outcome: 'destroyed' }, '22012']]);
  t.deepEqual(describe('terminated').slice(1), ['I 57P01 select pg_sleep(?)']);
  const codes = (await saidBy(t, 'errors')) as (string | { code: string })[];
  t.deepEqual(codes.map((said) => (typeof said === 'string' ? said : said.code)), ['22012', '42601', 'no error', '22012', '25P02', 'no error', '22P02']);
});

test('transactions are told by the server, not from the text', async (t) => {
  const { holds } = await recordOnce(t);
  t.deepEqual(holdNamed(holds, 'statuses').statements.slice(1).map(({ status, text }) => `${status} ${text}`), [
    'T BEGIN; select ?',
    'T savepoint a',
    'T rollback to a',
    'T COMMIT and chain',
    'I COMMIT',
    'T START TRANSACTION',
    'I END',
    'I do ?',
    'I select ?',
    'T BEGIN',
    'I select ?; COMMIT',
  ]);
});

test('a statement that was not answered before the release ends with it, and delays the next one', async (t) => {
  const { holds } = await recordOnce(t);
  t.is(await saidBy(t, 'released before the answer'), 1);
  const { statements, line } = holdNamed(holds, 'released before the answer');
  t.deepEqual(statements.map(({ text }) => text), ['select ? as "released before the answer"', 'select pg_sleep(?) as "late"']);
  const next = holdNamed(holds, 'gets its connection');
  t.is(next.line.connection, line.connection);
  t.true((next.statements[0]?.queuedMs ?? 0) > 0);
});

test('the program gets the errors of a connection that was terminated', async (t) => {
  const terminated = { name: 'error', message: 'terminating connection due to administrator command', code: '57P01' };
  t.deepEqual(await saidBy(t, 'terminated'), terminated);
  t.deepEqual(await saidBy(t, 'terminated while idle in a transaction'), [
    terminated,
    { name: 'Error', message: 'Client has encountered a connection error and is not queryable' },
  ]);
});

test('connections are followed from their making to their end', async (t) => {
  const { holds, trace } = await recordOnce(t);
  const connections = linesOf(trace, 'connection');
  const statesOf = (name: string): string[] =>
    connections.filter(({ id }) => id === holdNamed(holds, name).line.connection).map(({ state, error }) => `${state} ${error ?? ''}`.trim());
  t.deepEqual(statesOf('destroyed'), ['connecting', 'connected', 'closed']);
  t.deepEqual(statesOf('used up'), ['connecting', 'connected', 'closed']);
  t.deepEqual(statesOf('a lone client'), ['connecting', 'connected', 'closed']);
  t.deepEqual(statesOf('terminated while idle in a transaction'), ['connecting', 'connected', 'closed 57P01']);
  const { connection, pool } = holdNamed(holds, 'backend').line;
  const connected = connections.find(({ id, state }) => id === connection && state === 'connected');
  t.deepEqual([connected?.backend, connected?.pool], [(await saidBy(t, 'backend')) as number, pool]);
});

test('pools have their version, their size, their timeout and the line that made them', async (t) => {
  const { holds, trace } = await recordOnce(t);
  const version = versionIn(MODULES, 'pg-pool');
  const poolOf = (name: string): unknown => {
    const pool = linesOf(trace, 'pool').find(({ id }) => id === holdNamed(holds, name).line.pool);
    const made = linesOf(trace, 'stack').find(({ id }) => id === pool?.stack);
    return { kind: pool?.kind, version: pool?.version, max: pool?.max, acquireTimeoutMs: pool?.acquireTimeoutMs, made: placeOf(made?.frames ?? []) };
  };
  const line = readProgram(PROGRAM).split('\n').findIndex((text) => text.endsWith('// the tight pool')) + 1;
  t.deepEqual(poolOf('after the timeouts'), { kind: 'pg-pool', version, max: 1, acquireTimeoutMs: 100, made: { file: PROGRAM, line } });
  const helper = readProgram('transactions.mjs').split('\n').findIndex((text) => text.includes('new pg.Pool')) + 1;
  t.deepEqual(poolOf('released'), { kind: 'pg-pool', version, max: 6, acquireTimeoutMs: 0, made: { file: 'transactions.mjs', line: helper } });
  t.is(holdNamed(holds, 'a lone client').line.pool, 0);
});

test('statements of one client that are given to it at once queue one behind the other', async (t) => {
  const { holds } = await recordOnce(t);
  const [, first, second, third] = holdNamed(holds, 'several at once').statements;
  t.is(first?.queuedMs, 0);
  t.true((second?.queuedMs ?? 0) > 0);
  t.true((third?.queuedMs ?? 0) > 0);
  // That they did not overlap is tested above.
  t.true((first?.startMs ?? 0) < (second?.startMs ?? 0) && (second?.startMs ?? 0) < (third?.startMs ?? 0));
});

test('statements are recorded however they are given', async (t) => {
  const { holds } = await recordOnce(t);
  t.deepEqual(holdNamed(holds, 'all kinds of queries').statements.slice(1).map(({ text }) => text), [
    'select $1::text as config',
    'select $1::text as named',
    'execute named',
    'select ? as rows',
    'select $1::text as callback',
    'select ? as "plain callback"',
    'select ? as object',
    'select $1::text as cursor',
    'select ? as literal, ? as number',
    '',
  ]);
  const config = holds.filter(({ statements }) => statements.some(({ text }) => text === 'select $1::int as "pool.query with a config"'));
  t.deepEqual(config.map(pick), [{ via: 'query', outcome: 'released' }]);
});

const INSIDE: [name: string, outer: string | null][] = [
  ['nested', null],
  ['inside nested', 'nested'],
  ['query inside nested', 'nested'],
  ['in a helper inside nested', 'nested'],
  ['after a wait inside nested', 'nested'],
  ['behind it', null],
  ['left', null],
  ['right', null],
  ['after its release', null],
  ['handed over 1', null],
  ['handed over 2', null],
  ['handed over 3', null],
  ['handed over 4', null],
  ['handed over by callback 1', null],
  ['handed over by callback 2', null],
  ['handed over by callback 3', null],
  ['in a request', null],
  ['query in a request', null],
];
for (const [name, outer] of INSIDE) {
  test(`${name} is requested inside ${outer ?? 'no other'}`, async (t) => {
    const { holds } = await recordOnce(t);
    const names = new Map([...byName(holds)].map(([key, { line }]) => [line.id, key]));
    const { inside } = holdNamed(holds, name).line;
    t.is(inside === undefined ? null : names.get(inside), outer);
  });
}

test('every checkout has the line that asked for it', async (t) => {
  const { holds } = await recordOnce(t);
  t.deepEqual(holds.filter(({ frames, line }) => line.via !== 'client' && placeOf(frames) === null).map(({ line }) => line), []);
  const query = readProgram(PROGRAM).split('\n').findIndex((text) => text.includes('as "query in a request"')) + 1;
  t.deepEqual(placeOf(holdNamed(holds, 'query in a request').frames), { file: PROGRAM, line: query });
});
