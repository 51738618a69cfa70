import test from 'ava';
import type { Stack } from '../../reports/model.js';
import { fingerprint, normaliseStatement } from '../../reports/rules/fingerprint.js';
import { analyseText } from './support/analyse-text.js';

const FAULTY = `process 100 cwd /app
  pool 1 max 2 timeout 5000
  checkout 1 from 0 use 2000 at handler@/app/src/app.js:20
    1..2 sql BEGIN -> T at handler@/app/src/app.js:21
    2..3 sql select * from t where id in ($1, $2) -> T
    3..1900 wait timer "100 ms" started renderInvoice@/app/src/app.js:12 < handler@/app/src/app.js:22
    1900..1901 sql COMMIT
  checkout 2 from 0 timeout 500`;

async function fingerprints(t: Parameters<typeof analyseText>[0], text: string): Promise<string[]> {
  const { report } = await analyseText(t, text);
  return report.findings.map(({ rule, fingerprint: name }) => `${rule} ${name}`).toSorted();
}

test('they survive what does not matter: moved lines, another machine, a longer list, other durations', async (t) => {
  const original = await fingerprints(t, FAULTY);
  t.is(original.length, 3);
  const moved = FAULTY.replace(/app\.js:(\d+)/g, (_, line: string) => `app.js:${Number(line) + 31}`);
  t.deepEqual(await fingerprints(t, moved), original);
  t.deepEqual(await fingerprints(t, FAULTY.replaceAll(/\/app(?=\/|$)/gm, '/home/ci/build')), original);
  t.deepEqual(await fingerprints(t, FAULTY.replace('($1, $2)', '($1, $2, $3, $4)')), original);
  t.deepEqual(await fingerprints(t, FAULTY.replace('"100 ms"', '"250 ms"')), original);
});

test('they differ in what does: rule, function, file, statement', async (t) => {
  const original = await fingerprints(t, FAULTY);
  const changes: [string, string][] = [
    ['renderInvoice', 'renderReceipt'],
    ['/app/src/app.js:12', '/app/src/invoice.js:12'],
    ['select * from t', 'select * from u'],
    ['wait timer "100 ms"', 'wait http "GET prices.example/eur"'],
  ];
  for (const [from, to] of changes) {
    const changed = await fingerprints(t, FAULTY.replaceAll(from, to));
    const isAwait = (text: string): boolean => text.startsWith('await-');
    t.notDeepEqual(changed.filter(isAwait), original.filter(isAwait), to);
  }
});

test('two alike at two lines have two names, in the order of their lines', async (t) => {
  const twice = FAULTY.replace('3..1900 wait', '3..4 wait timer started renderInvoice@/app/src/app.js:11\n4..1900 wait');
  const { report } = await analyseText(t, twice);
  const both = report.findings.filter(({ rule }) => rule === 'await-in-transaction').toSorted((a, b) => (a.callSite?.line ?? 0) - (b.callSite?.line ?? 0));
  t.is(both.length, 2);
  t.not(both[0]?.fingerprint, both[1]?.fingerprint);
  const alone = (await analyseText(t, FAULTY)).report.findings.find(({ rule }) => rule === 'await-in-transaction');
  t.is(both[0]?.fingerprint, alone?.fingerprint);
});

test('files outside of the project and hashed names are normalised', (t) => {
  const at = (file: string): Stack => ({ frames: [{ file, line: 1, column: 1, function: 'f' }], via: null });
  const name = (file: string, cwd: string): string => fingerprint({ rule: 'await-in-transaction', kind: '', stack: at(file), statement: '' }, cwd);
  t.is(name('/repo/shared/x.js', '/repo/app'), name('/ci/shared/x.js', '/ci/app'));
  t.is(name('dist/main.3fa9c1d2.js', '/app'), name('dist/main.00ffee11.js', '/app'));
  t.not(name('dist/main.js', '/app'), name('dist/other.js', '/app'));
  t.regex(name('a.js', '/app'), /^[0-9a-f]{16}$/);
});

test('statements: lists and rows of any length are one', (t) => {
  t.is(normaliseStatement('insert into t\n values ($1, $2), ($3, $4)'), 'insert into t values (?)');
  t.is(normaliseStatement('select * from t where a in (?, ?, ?) and b = ?'), 'select * from t where a in (?) and b = ?');
  t.is(normaliseStatement('insert into t values ($1, …), …'), normaliseStatement('insert into t values ($1)'));
});

const anonymous = (site: string, caller: string): string => FAULTY.replace('started renderInvoice@/app/src/app.js:12 <', `started ${site} < ${caller} <`);

test('a function without a name has that of the one that it is written in, wherever its lines are', async (t) => {
  const of = async (text: string): Promise<string[]> => (await fingerprints(t, text)).filter((name) => name.startsWith('await-'));
  const shared = 'withTransaction@/app/src/transaction.js:9 < withTransaction@/app/src/transaction.js:14';
  const original = await of(anonymous('@/app/src/app.js:12', `${shared} < pay@/app/src/app.js:10`));
  t.is(original.length, 1);
  t.deepEqual(await of(anonymous('@/app/src/app.js:43', `${shared} < pay@/app/src/app.js:40`)), original);
  // A helper at the top of the same file is further from it than the function around it.
  t.deepEqual(await of(anonymous('@/app/src/app.js:12', 'helper@/app/src/app.js:3 < pay@/app/src/app.js:10')), original);
  t.notDeepEqual(await of(anonymous('@/app/src/app.js:12', `${shared} < refund@/app/src/app.js:10`)), original);
  t.notDeepEqual(await of(anonymous('pay@/app/src/app.js:12', `${shared} < pay@/app/src/app.js:10`)), original);
});
