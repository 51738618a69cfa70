import test, { type ExecutionContext } from 'ava';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SweepReport } from '../../reports/sweep/model.js';
import { findScenario } from '../../scenarios/catalogue.js';
import { runSql } from '../../scenarios/database/run-sql.js';
import { folderWith, isOneLine, lifeguard } from '../cli/lifeguard.js';
import { useDatabase } from '../support/database.js';
import { ROOT } from '../support/folder.js';
import { closedPort, isListening } from '../support/http-service.js';

const { database } = useDatabase(test);

/** A service with a pool of five; what it does with a connection is `work`. */
const service = (work: string): string => `
  import { createServer } from 'node:http';
  import pg from 'pg';
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5 });
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  let held = 0;
  createServer((request, response) => {
    (async () => { ${work} })().then(() => response.end('done'), (error) => response.writeHead(500).end(String(error)));
  }).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));`;

const TRANSACTION = `
  held += 1;
  const client = await pool.connect();
  try {
    await client.query('begin');
    await INSIDE;
    await client.query('commit');
  } finally {
    client.release();
    held -= 1;
  }`;

const FAULTY = service(TRANSACTION.replace('INSIDE', 'pause(40)'));
const FIXED = service(`${TRANSACTION.replace('INSIDE', "client.query('select 1')")}; await pause(40);`);
/** A synchronous acquire: the thread waits for a release that only itself could bring. */
const FROZEN = service(`if (held === 5) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); ${TRANSACTION.replace('INSIDE', 'pause(40)')}`);

async function sweep(t: ExecutionContext, app: string, words: string[] = [], command: string[] = ['node', 'app.mjs']) {
  const port = await closedPort();
  const cwd = folderWith(t, { 'app.mjs': app });
  const all = ['sweep', '--format', 'json', '--out', 'traces', '--seconds', '0.5', '--load', `http://127.0.0.1:${port}/`, ...words, '--', ...command];
  const said = await lifeguard(t, all, { cwd, env: { PORT: String(port), DATABASE_URL: await database() } });
  t.false(await isListening(`http://127.0.0.1:${port}`), 'nothing is left behind');
  return { ...said, cwd, report: said.stdout === '' ? null : (JSON.parse(said.stdout) as SweepReport) };
}

test.serial('a pool of five starves at the sixth request, at the line that holds it: exit 1', async (t) => {
  const { report, status, stderr, cwd } = await sweep(t, FAULTY, ['--to', '16']);
  t.is(status, 1, stderr);
  t.is(report?.verdict, 'starves');
  t.is(report?.firstWaitAt, 6);
  t.is(report?.pool?.max, 5);
  t.is(report?.culprit?.callSite.file, 'app.mjs');
  t.regex(report?.summary ?? '', /^Starves at the 6th concurrent request: the pool holds 5, each held \d+ ms, \d+ % of it at app\.mjs:\d+\.$/);
  t.deepEqual(report?.steps.filter(({ concurrency }) => concurrency <= 5).map(({ waited }) => waited), [0, 0, 0, 0], 'at 1, 2, 4 and 5 nobody waits');
  t.regex(readFileSync(join(cwd, 'traces/lifeguard-sweep.html'), 'utf8'), /<h1>Starves at the 6th concurrent request/);
  t.regex(stderr, /^listening$/m, "the program's stdout is on stderr");
});

test.serial('its fixed twin holds connections shortly, and is answered at the same numbers: exit 0', async (t) => {
  const { report, status, stderr } = await sweep(t, FIXED, ['--to', '8']);
  t.is(status, 0, stderr);
  t.true(report?.verdict === 'clear' || report?.verdict === 'queues', report?.summary);
  t.is(report?.stopsAt, null);
});

test.serial('a service that freezes is ended and reported: exit 1', async (t) => {
  const { report, status, stderr } = await sweep(t, FROZEN, ['--to', '8', '--from', '4', '--patience', '1.5']);
  t.is(status, 1, stderr);
  t.is(report?.stopsAt, 6);
  t.is(report?.verdict, 'starves', report?.summary);
  t.regex(report?.summary ?? '', /^Starves and (?:freezes|stops answering) at the 6th concurrent request: the pool holds 5/);
});

/** A scenario's faulty service, as it is, with a pool of so many. */
async function sweepScenario(t: ExecutionContext, name: string, pool: number, seconds = '0.6') {
  const { request, schema } = findScenario(name);
  const [path = '', method = 'GET'] = request.split(' ').toReversed();
  const url = await database();
  if (schema !== undefined) await runSql(url, schema);
  const port = await closedPort();
  const load = ['--load', `http://127.0.0.1:${port}${path}`, '--method', method, '--seconds', seconds, '--patience', '2'];
  const words = ['sweep', '--from', String(pool - 2), '--to', String(pool + 4), ...load, '--', 'node', join(ROOT, `dist/scenarios/${name}/faulty.js`)];
  const said = await lifeguard(t, words, { env: { PORT: String(port), DATABASE_URL: url, POOL_SIZE: String(pool) } });
  t.is(said.status, 1, said.stderr);
  t.false(await isListening(`http://127.0.0.1:${port}`), 'nothing is left behind');
  const [badge = '', sentence = '', ...rest] = said.stdout.split('\n\n');
  return { badge, sentence: sentence.replaceAll('\n', ' '), rest: rest.join('\n').replaceAll('\n', ' ') };
}

for (const [pool, next] of [[10, '11th'], [5, '6th']] as const) {
  test.serial(`eleventh-request with a pool of ${pool}: the ${next}`, async (t) => {
    const { badge, sentence } = await sweepScenario(t, 'eleventh-request', pool);
    t.regex(badge, /^ STARVES /);
    t.regex(sentence, new RegExp(`^Starves at the ${next} concurrent request: the pool holds ${pool}, each held \\d+ ms, \\d+ % of it at \\S*faulty\\.ts:15\\.$`));
  });

  test.serial(`frozen-server with a pool of ${pool}: freezes at the ${next}`, async (t) => {
    const { sentence } = await sweepScenario(t, 'frozen-server', pool);
    t.regex(sentence, new RegExp(`^Starves and freezes at the ${next} concurrent request: the pool holds ${pool}, each held \\d+ ms, and the event loop hangs at \\S*faulty\\.ts:12\\.$`));
  });

  test.serial(`nested-checkout with a pool of ${pool}: the ${next} request for a connection, and the deadlock`, async (t) => {
    // All must hold one at the same time, which on a busy machine they do not each time.
    const { sentence, rest } = await sweepScenario(t, 'nested-checkout', pool, '3');
    t.regex(sentence, new RegExp(`^Starves at the ${next} concurrent request for a connection: the pool holds ${pool}, each held .*, \\d+ % of it at \\S*faulty\\.ts:9; .* ask for up to \\d+, and .*deadlock\\.$`));
    t.regex(rest, new RegExp(`${pool} flows hold all ${pool} connections of a pool and wait for one more at priceOf`));
  });
}

test.serial('--abort-on errors stops at the first error', async (t) => {
  const app = service(`held += 1; const many = held > 2; await pool.query('select pg_sleep(0.02)'); held -= 1; if (many) throw new Error('too many');`);
  const { report, stderr } = await sweep(t, app, ['--abort-on', 'errors']);
  t.deepEqual(report?.steps.map(({ concurrency }) => concurrency), [1, 2, 4], stderr);
  t.regex(report?.notes.at(-1) ?? '', /cut short: 4 requests at a time brought errors/);
  const without = await sweep(t, app, ['--to', '8']);
  t.is(without.report?.steps.at(-1)?.concurrency, 8, without.stderr);
});

test.serial('a service that dies under the load is reported: exit 1', async (t) => {
  const app = service(`held += 1; if (held > 3) process.exit(7); await pool.query('select pg_sleep(0.02)'); held -= 1;`);
  const { report, status, stderr } = await sweep(t, app, ['--to', '8']);
  t.is(status, 1, stderr);
  t.is(report?.verdict, 'stops');
  t.is(report?.stopsAt, 4);
  t.is(report?.steps.find(({ concurrency }) => concurrency === 4)?.stopped, 'ended');
  const inShell = await sweep(t, app, ['--from', '3', '--to', '8'], ['sh', '-c', 'node app.mjs; exec sleep 600']);
  t.is(inShell.report?.steps.find(({ concurrency }) => concurrency === 4)?.stopped, 'ended', 'though the command that started it lives on');
});

test.serial('a service without a pool: measured, but inconclusive: exit 2', async (t) => {
  const app = `import { createServer } from 'node:http'; createServer((request, response) => response.end('hi')).listen(Number(process.env.PORT), '127.0.0.1');`;
  const { report, status, words } = await sweep(t, app, ['--to', '2', '--seconds', '0.2']);
  t.is(status, 2);
  t.is(report?.verdict, 'inconclusive');
  t.regex(words.at(-1) ?? '', /no request asked a pg pool for a connection/);
});

test.serial('what makes no sense is one line, and starts nothing', async (t) => {
  const run = (...words: string[]) => lifeguard(t, ['sweep', ...words, '--', process.execPath, '-e', 'console.log("ran")']);
  isOneLine(t, await run(), /--load http/);
  isOneLine(t, await run('--load', 'http://127.0.0.1:1/', '--from', '9', '--to', '3'), /--from is 9 and --to is 3/);
  isOneLine(t, await run('--load', 'http://127.0.0.1:1/', '--abort-on', 'eror'), /--abort-on is "eror", expected errors; did you mean errors/);
  isOneLine(t, await run('--load', 'http://127.0.0.1:1/', '--format', 'pdf'), /--format is "pdf", expected one of terminal, json, html/);
});

test.serial('a service that answers nothing good at all has nothing to measure: exit 2, one line', async (t) => {
  const port = await closedPort();
  const cwd = folderWith(t, { 'app.mjs': `import { createServer } from 'node:http'; createServer((request, response) => response.writeHead(404).end()).listen(${port}, '127.0.0.1');` });
  isOneLine(t, await lifeguard(t, ['sweep', '--load', `http://127.0.0.1:${port}/`, '--', 'node', 'app.mjs'], { cwd }), /another status than 2xx/);
  isOneLine(t, await lifeguard(t, ['sweep', '--load', `http://127.0.0.1:${port}/`, '--', 'node', '-e', ''], { cwd }), /ended with status 0 before/);
  t.deepEqual(readdirSync(cwd).filter((name) => name === '.lifeguard' && existsSync(join(cwd, name))), [], 'nothing is left');
});
