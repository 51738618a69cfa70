/** Secrets in a service, in its command line and in the requests that drive it: no command tells them, on no stream, in no file. */
import test, { type ExecutionContext } from 'ava';
import { join } from 'node:path';
import { folderWith, lifeguard, type Said } from '../cli/lifeguard.js';
import { SERVES } from '../deep/record-deep.js';
import { useDatabase } from '../support/database.js';
import { tellCommand, tellUrl } from '../../cli/sweep/told.js';
import { closedPort } from '../support/http-service.js';
import { NUMBER, WORD, around, filesIn, leaksIn } from './secrets.js';

const { database } = useDatabase(test, { schema: `create role "singer" login password '${WORD}';` });

/** A pool of two, and an await in each transaction: it starves at the third request. */
const SERVICE = `
  import { createServer } from 'node:http';
  import pg from 'pg';
  const { WORD, NUMBER, DATABASE_URL, PORT } = process.env;
  const url = new URL(DATABASE_URL);
  url.username = 'singer';
  url.password = WORD;
  const pool = new pg.Pool({ connectionString: url.href, max: 2, application_name: WORD });
  const upstream = createServer((request, response) => setTimeout(() => response.end(WORD), 20)).listen(0, '127.0.0.1');
  createServer((request, response) => {
    (async () => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query("select '" + WORD + "' as said, $1::text, " + NUMBER, [request.url]);
        await fetch('http://127.0.0.1:' + upstream.address().port + '/asked?token=' + WORD, { headers: { authorization: WORD } });
        await client.query('commit');
        // The server says the value again.
        await client.query("select '" + WORD + "'::int").catch(() => {});
      } finally {
        client.release();
      }
    })().then(() => response.end(WORD), (error) => response.writeHead(500).end(WORD + error));
  }).listen(Number(PORT), '127.0.0.1');`;

interface Drive {
  cwd: string;
  port: number;
  said: Said;
}

/** Runs a command on the service: everything that it is given has a secret. */
async function drive(t: ExecutionContext, words: (url: string) => string[]): Promise<Drive> {
  const cwd = folderWith(t, { 'app.mjs': SERVICE });
  const port = await closedPort();
  const url = `http://me:${WORD}@127.0.0.1:${port}/orders?token=${WORD}`;
  const env = { DATABASE_URL: await database(), WORD, NUMBER, PORT: String(port) };
  const said = await lifeguard(t, [...words(url), '--header', `authorization: Bearer ${WORD}`, '--body', WORD, '--', 'node', 'app.mjs', `--password=${WORD}`], { cwd, env });
  return { cwd, port, said };
}

/** @param more outputs of other commands, by their names. */
function tellsNothing(t: ExecutionContext, { cwd, said }: Drive, more: Record<string, string> = {}): void {
  const outputs = new Map([...filesIn(join(cwd, 'traces')), ['stdout', Buffer.from(said.stdout)] as const, ['stderr', Buffer.from(said.stderr)] as const]);
  for (const [name, text] of Object.entries(more)) outputs.set(name, Buffer.from(text));
  for (const [name, bytes] of outputs) t.deepEqual(leaksIn(bytes), [], `${name}: ${around(bytes)}`);
}

for (const format of ['terminal', 'json', 'html']) {
  test.serial(`sweep --format ${format}`, async (t) => {
    const driven = await drive(t, (url) => ['sweep', '--format', format, '--out', 'traces', '--seconds', '0.5', '--to', '4', '--load', url]);
    t.is(driven.said.status, 1, driven.said.stderr);
    tellsNothing(t, driven);
    const page = format === 'html' ? driven.said.stdout : filesIn(join(driven.cwd, 'traces')).get('lifeguard-sweep.html')?.toString();
    t.regex(page ?? '', /"command":"node app\.mjs …"/);
  });
}

test.serial('run with a load, and the report, comparison and simulation of it', async (t) => {
  const driven = await drive(t, (url) => ['run', '--out', 'traces', '--seconds', '1', '--connections', '4', '--load', url, '--wait-for', url]);
  t.is(driven.said.status, 1, driven.said.stderr);
  t.regex(driven.said.stdout, /\/asked/);
  const more: Record<string, string> = {};
  for (const command of ['report traces', 'report traces --format html --output traces/report.html', 'compare traces traces --output traces/compare.html', 'compare traces traces --format json', 'whatif traces --pool-max 9', 'check traces --debug']) {
    const said = await lifeguard(t, command.split(' '), { cwd: driven.cwd });
    t.true(said.status === 0 || said.status === 1, `${command}: ${said.stderr}`);
    more[command] = said.stdout + said.stderr;
  }
  tellsNothing(t, driven, more);
});

(SERVES ? test.serial : test.serial.skip)('record --deep: what clinic wrote down, too', async (t) => {
  const driven = await drive(t, (url) => ['record', '--deep', '--out', 'traces', '--seconds', '1', '--connections', '4', '--load', url]);
  t.is(driven.said.status, 0, driven.said.stderr);
  t.true(driven.said.words.some((word) => /--deep: \d+ chains/.test(word)), driven.said.stderr);
  const said = await lifeguard(t, ['report', 'traces', '--format', 'html', '--output', 'traces/report.html'], { cwd: driven.cwd });
  tellsNothing(t, driven, { report: said.stdout + said.stderr });
});

test.serial('a service that does not answer, and a database that lets nobody in', async (t) => {
  const cwd = folderWith(t, { 'app.mjs': 'setTimeout(() => {}, 60_000);' });
  const port = await closedPort();
  const url = `http://me:${WORD}@127.0.0.1:${port}/orders?token=${WORD}`;
  const wrong = new URL(await database());
  wrong.password = WORD;
  for (const words of [
    ['record', '--load', url, '--wait-timeout', '1', '--', 'node', 'app.mjs', WORD],
    ['run', '--load', url, '--wait-for', url, '--wait-timeout', '1', '--', 'node', 'app.mjs', WORD],
    ['sweep', '--load', url, '--wait-timeout', '1', '--', 'node', 'app.mjs', WORD],
    ['record', '--', `no-such-program-${port}`, `--password=${WORD}`],
    ['scenario', 'run', 'eleventh-request', '--database', wrong.href],
  ]) {
    const said = await lifeguard(t, words, { cwd });
    t.is(said.status, 2, `${words.join(' ')}: ${said.stdout} ${said.stderr}`);
    t.deepEqual(leaksIn(said.stdout + said.stderr), [], said.stderr);
  }
});

test('of a command line, the program and its script are told', (t) => {
  const told: Record<string, string> = {
    'node package.json': 'node package.json',
    'node package.json --password=x': 'node package.json …',
    'node --env-file=x package.json': 'node …',
    'no-such-tool secret': 'no-such-tool …',
    'npm start': 'npm start',
    'npm run start:faulty -- --token x': 'npm run start:faulty …',
    'npm --token=x start': 'npm …',
    'env PASSWORD=x node package.json': 'env …',
  };
  for (const [command, text] of Object.entries(told)) t.is(tellCommand(command.split(' ')), text);
  t.is(tellUrl('http://me:secret@127.0.0.1:3000/orders?token=x#y'), 'http://127.0.0.1:3000/orders');
});
