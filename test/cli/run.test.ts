import test, { type ExecutionContext } from 'ava';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../reports/model.js';
import { useDatabase } from '../support/database.js';
import { closedPort, startHttp } from '../support/http-service.js';
import { folderWith, lifeguard } from './lifeguard.js';

const { database } = useDatabase(test);

/** Two routes: /clean ends its transaction before it calls the slow service, /slow calls it inside, two helpers deep. */
const SHOP = {
  'app.js': `
    import { createServer } from 'node:http';
    import pg from 'pg';
    import { charge } from './payment.js';
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3 });
    const inTransaction = async (work) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query('select 1');
        await work();
        await client.query('commit');
      } finally {
        client.release();
      }
    };
    createServer(async (request, response) => {
      if (request.url === '/slow') await inTransaction(charge);
      else {
        await inTransaction(async () => {});
        await charge();
      }
      response.end('done');
    }).listen(Number(process.env.PORT_TO_USE), '127.0.0.1', () => console.log('listening'));
  `,
  'payment.js': `import { post } from './client.js';\nexport async function charge() {\n  await post();\n}\n`,
  'client.js': `export async function post() {\n  const answer = await fetch(process.env.SLOW_URL + '/charge?card=1');\n  await answer.text();\n}\n`,
  'package.json': '{"type":"module"}',
};

async function runShop(t: ExecutionContext, route: string, words: string[] = []) {
  const slow = await startHttp(t, (_request, response) => void setTimeout(() => response.end('paid'), 150));
  const cwd = folderWith(t, SHOP);
  const port = await closedPort();
  const load = ['--load', `http://127.0.0.1:${port}/${route}`, '--connections', '8', '--seconds', '2'];
  const env = { PORT_TO_USE: String(port), DATABASE_URL: await database(), SLOW_URL: slow };
  return { ...(await lifeguard(t, ['run', ...words, ...load, '--', 'node', 'app.js'], { cwd, env })), cwd };
}

test('a service that calls another inside its transaction: one finding, at the fetch, exit 1', async (t) => {
  const said = await runShop(t, 'slow', ['--format', 'json', '--out', 'traces']);
  t.is(said.status, 1, said.stderr);
  const report = JSON.parse(said.stdout) as Report;
  const found = report.findings.filter(({ rule }) => rule === 'await-in-transaction');
  t.is(found.length, 1, said.stdout);
  t.is(found[0]?.callSite?.file, 'client.js');
  t.is(found[0]?.callSite?.line, 2);
  t.regex(said.stderr, /^listening$/m, "the program's stdout is on stderr");
  t.true(existsSync(join(said.cwd, 'traces/lifeguard-report.html')));
  t.regex(said.stderr, /html report in traces\/lifeguard-report\.html/);
});

test('its clean route alone: no finding, exit 0', async (t) => {
  const said = await runShop(t, 'clean', ['--format', 'json']);
  t.is(said.status, 0, said.stderr);
  t.deepEqual((JSON.parse(said.stdout) as Report).findings.filter(({ severity }) => severity !== 'note'), []);
});

test('for people: the report on stdout, all else on stderr', async (t) => {
  const said = await runShop(t, 'slow');
  t.is(said.status, 1, said.stderr);
  t.regex(said.stdout, /client\.js:2/);
  t.notRegex(said.stdout, /listening|lifeguard:/);
});

test('Ctrl-C ends a service, and the report comes all the same', async (t) => {
  const cwd = folderWith(t, {
    'app.mjs': `import pg from 'pg'; const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL }); await pool.query('select 1'); process.on('SIGINT', () => process.exit(130)); setInterval(() => {}, 1000); console.log('ready');`,
  });
  const said = await lifeguard(t, ['run', '--', 'node', 'app.mjs'], {
    cwd,
    env: { DATABASE_URL: await database() },
    onLine: (line, running) => line === 'ready' && running.kill('SIGINT'),
  });
  t.is(said.status, 0, said.stderr);
  t.regex(said.stdout, /HEALTHY/);
  t.regex(said.stderr, /1 trace in /);
});

test('a command that fails proves nothing: exit 2', async (t) => {
  const cwd = folderWith(t, { 'app.mjs': `import pg from 'pg'; const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL }); await pool.query('select 1'); await pool.end(); process.exitCode = Number(process.env.STATUS);` });
  const env = { DATABASE_URL: await database() };
  const failed = await lifeguard(t, ['run', '--', 'node', 'app.mjs'], { cwd, env: { ...env, STATUS: '3' } });
  t.is(failed.status, 2, failed.stdout);
  t.is(failed.words.at(-1), 'lifeguard: the command ended with status 3, so this run proves nothing');
  const twin = await lifeguard(t, ['run', '--', 'node', 'app.mjs'], { cwd, env: { ...env, STATUS: '0' } });
  t.is(twin.status, 0, twin.stdout + twin.stderr);
});

test('a program without pg: inconclusive, exit 2, and the JSON is JSON', async (t) => {
  const cwd = folderWith(t, {});
  const said = await lifeguard(t, ['run', '--format', 'json', '--', process.execPath, '-e', 'console.log("hello")'], { cwd });
  t.is(said.status, 2);
  t.is((JSON.parse(said.stdout) as Report).verdict, 'inconclusive');
  t.regex(said.words.at(-1) ?? '', /^lifeguard: inconclusive: /);
  t.deepEqual(readdirSync(cwd).filter((name) => name !== 'node_modules'), []);
});

test('a wrong report option costs no run', async (t) => {
  const said = await lifeguard(t, ['run', '--format', 'pdf', '--', process.execPath, '-e', 'console.log("ran")']);
  t.is(said.status, 2);
  t.notRegex(said.stderr, /^ran/m);
});
