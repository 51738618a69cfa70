/** A secret in every place in which a program can have one: none of what we write may tell it. */
import test from 'ava';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, lifeguard, MAIN } from '../cli/lifeguard.js';
import { querySql, useDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/folder.js';
import { NUMBER, WORD, around, leaksIn } from './secrets.js';

const { database } = useDatabase(test, {
  schema: `create table parrots (id int primary key, email text unique, data jsonb);
    create role "singer" login password '${WORD}';
    grant all on parrots to singer;`,
});

/** The secrets come by the environment: a report shows lines of the source, and they are not in it. */
const PROGRAM = `
  import { execFile, spawn } from 'node:child_process';
  import { createServer, request } from 'node:http';
  import { readFile } from 'node:fs/promises';
  import { once } from 'node:events';
  import { promisify } from 'node:util';
  import pg from 'pg';
  const { WORD, NUMBER, DATABASE_URL } = process.env;
  const url = new URL(DATABASE_URL);
  url.username = 'singer';
  url.password = WORD;
  const pool = new pg.Pool({ connectionString: url.href, max: 2, application_name: WORD });
  pool.on('error', () => {});
  const server = createServer((_, answer) => setTimeout(() => answer.end('ok'), 20)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();

  const STATEMENTS = [
    ["select '" + WORD + "', " + NUMBER, []],
    ['select $1::text, $2::int', [WORD, Number(NUMBER)]],
    ["select E'\\\\'" + WORD + "', U&'\\\\0041" + WORD + "', N'" + WORD + "'", []],
    ['select $$' + WORD + '$$, $tag$ ' + WORD + ' $$ ' + WORD + ' $tag$', []],
    ["select x'" + Buffer.from(WORD).toString('hex') + "', b'1010'", []],
    ["select array['" + WORD + "', '" + NUMBER + "'], '{" + WORD + "}'::text[], '{\\"a\\": \\"" + WORD + "\\"}'::jsonb ->> '" + WORD + "'", []],
    ['select 1 /* ' + WORD + ' /* ' + WORD + ' */ ' + NUMBER + ' */ -- ' + WORD, []],
    ["select interval '" + NUMBER + " seconds', date '2020-01-01', -" + NUMBER + ', ' + NUMBER + '.5e3', []],
    ["set application_name = '" + WORD + "'", []],
    ['set app.token = ' + WORD, []],
    ["notify parrots, '" + WORD + "'", []],
    ["do $$ begin perform '" + WORD + "'; end $$", []],
    ["prepare p as select '" + WORD + "'::text || $1", []],
    ["execute p('" + WORD + "')", []],
    // The server rejects these, and repeats the values in its errors.
    ["insert into parrots values (1, '" + WORD + "@example.com')", []],
    ['insert into parrots values ($1, $2)', [2, WORD + '@example.com']],
    ["select '" + WORD + "'::int", []],
    ['select $1::int', [WORD]],
    ["select '" + WORD, []],
    ["selekt E'" + WORD + "\\\\'", []],
    ['select $$' + WORD, []],
    ['select 1 /* ' + WORD, []],
    ['select * from parrots where email = ' + WORD + '@example.com', []],
    ['select * from parrots where email = "' + WORD + '@example.com"', []],
    ['select * from parrots where data = {"email": "' + WORD + '"}', []],
    ['select * from parrots where id = ' + NUMBER + WORD, []],
    ["alter role singer password '" + WORD + "'", []],
    ['alter role singer password ' + WORD, []],
    ["raise exception '" + WORD + "'", []],
    ["do $$ begin raise exception '" + WORD + "' using detail = '" + WORD + "', errcode = 'P0001'; end $$", []],
  ];
  let failed = 0;
  await pool.query("insert into parrots values (0, '" + WORD + "@example.com')");
  for (const [text, values] of STATEMENTS) {
    for (const run of [(...args) => pool.query(...args), async (...args) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        return await client.query(...args);
      } finally {
        await client.query('rollback').catch(() => {});
        client.release();
      }
    }]) await run(text, values.length === 0 ? undefined : values).catch(() => failed++);
  }

  // In a transaction, so that each is told as awaited.
  const ask = (options) => new Promise((resolve, reject) => request(options, (answer) => answer.resume().on('end', resolve)).on('error', reject).end());
  const AWAITED = [
    async () => (await fetch('http://127.0.0.1:' + port + '/fetched?token=' + WORD + '#' + WORD, { headers: { authorization: WORD } })).text(),
    () => ask(new URL('http://' + WORD + ':' + WORD + '@127.0.0.1:' + port + '/asked;session=' + WORD + '?token=' + WORD)),
    () => ask({ port, host: '127.0.0.1', path: 'http://' + WORD + ':' + WORD + '@example.com/proxied?token=' + WORD, auth: WORD + ':' + WORD }),
    () => promisify(execFile)(process.execPath, ['-e', '0', WORD], { env: { SECRET: WORD } }),
    async () => { await once(spawn('sleep 0.02; true ' + WORD, { shell: true }), 'exit'); },
    async () => { await once(spawn('no-such-command --token ' + WORD), 'error').catch(() => {}); },
    () => readFile('app.mjs'),
    () => import('data:text/javascript,export default "' + WORD + '"; await new Promise((resolve) => setTimeout(resolve, 20));'),
  ];
  for (const wait of AWAITED) {
    const client = await pool.connect();
    await client.query('begin');
    await wait();
    await client.query('commit');
    client.release();
  }
  const inData = await import('data:text/javascript,export const ask = async (pool) => { const client = await pool.connect(); await client.query("begin"); await new Promise((resolve) => setTimeout(resolve, 30)); await client.query("commit"); client.release(); }; // ' + WORD);
  for (let i = 0; i < 3; i++) await inData.ask(pool);

  // Two that wait for each other, and one that is lost: findings with statements and places.
  const lost = await pool.connect();
  await lost.query("select '" + WORD + "' as lost");
  await pool.query('select pg_sleep(0.6), $1::text', [WORD]);
  const wrong = new URL(url);
  wrong.password = WORD + 'wrong';
  await new pg.Client({ connectionString: wrong.href }).connect().catch(() => failed++);
  console.log('failed:', failed);
  server.close();
  process.exit(0);
`;

test('nothing that we write tells a value, a literal or a password', async (t) => {
  const cwd = folderWith(t, { 'app.mjs': PROGRAM });
  const url = await database();
  await querySql(url, 'select 1');
  const env = { DATABASE_URL: url, WORD, NUMBER };
  for (const out of ['one', 'two']) {
    const said = await lifeguard(t, ['record', '--out', out, '--', process.execPath, 'app.mjs', WORD], { cwd, env });
    t.is(said.status, 0, said.stderr);
    t.regex(said.stdout, /^failed: \d\d\n/);
    t.deepEqual(leaksIn(said.stderr), []);
    if (out === 'one') await querySql(url, 'truncate parrots');
  }
  const outputs = new Map<string, Buffer>();
  for (const out of ['one', 'two']) for (const name of readdirSync(join(cwd, out))) outputs.set(`${out}/${name}`, readFileSync(join(cwd, out, name)));
  const traces = outputs.size;
  const formats = ['terminal', 'json', 'html', 'junit', 'sarif', 'github'];
  await Promise.all(formats.map(async (format) => {
    const said = await lifeguard(t, ['report', 'one', '--format', format, '--output', `report.${format}`], { cwd });
    t.is(said.status, 0, said.stderr);
    outputs.set(format, readFileSync(join(cwd, `report.${format}`)));
  }));
  const commands = ['check one', 'compare one two', 'compare one two --format json', 'compare one two --output compare.html', 'whatif one --pool-max 5', 'whatif one --pool-max 5 --format json', 'check one --baseline baseline.json --update-baseline'];
  await Promise.all(commands.map(async (command) => {
    const said = await lifeguard(t, command.split(' '), { cwd });
    t.true(said.status === 0 || said.status === 1, `${command}: ${said.stderr}`);
    outputs.set(command, Buffer.from(said.stdout + said.stderr));
  }));
  for (const name of ['compare.html', 'baseline.json']) outputs.set(name, readFileSync(join(cwd, name)));
  for (const [name, bytes] of outputs) t.deepEqual(leaksIn(bytes), [], `${name}: ${around(bytes)}`);
  // The search finds what is there: statements without their values, and what was awaited without its secrets.
  const trace = Buffer.concat([...outputs.values()].slice(0, traces)).toString();
  for (const text of ['insert into parrots values (?, …)', 'alter role singer password ?', 'where email = ?', 'set app.token = ?', '/fetched"', '/asked"', 'http://example.com/proxied"', '"23505"', '"28P01"', '"data:"']) {
    t.true(trace.includes(text), text);
  }
  for (const format of formats) t.regex(outputs.get(format)?.toString() ?? '', /\/fetched/, format);
});

test('passwords in the source are not shown with its lines', async (t) => {
  const program = `
    import pg from 'pg';
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL ?? 'postgres://me:${WORD}@db.example.com/app' });
    const password = '${WORD}', options = { apiKey: "${WORD}", visible: 'shown' };
    const client = await pool.connect(); // Basic https://user:${WORD}@example.com
    await client.query('begin'); await new Promise((resolve) => setTimeout(resolve, 50)); await client.query('commit');
    const token = process.env.TOKEN ?? '${WORD}';
    client.release();
    await pool.end();`;
  const cwd = folderWith(t, { 'app.mjs': program });
  const said = await lifeguard(t, ['record', '--out', 'traces', '--', process.execPath, 'app.mjs'], { cwd, env: { DATABASE_URL: await database() } });
  t.is(said.status, 0, said.stderr);
  for (const format of ['terminal', 'html', 'json', 'sarif']) {
    await lifeguard(t, ['report', 'traces', '--format', format, '--output', `report.${format}`], { cwd });
    t.deepEqual(leaksIn(readFileSync(join(cwd, `report.${format}`))), [], format);
  }
  t.regex(readFileSync(join(cwd, 'report.html'), 'utf8'), /shown/);
});

test('traces are for their owner alone, reports as the umask says', async (t) => {
  const cwd = folderWith(t, { 'app.mjs': "import pg from 'pg'; const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL }); await pool.query('select 1'); await pool.end();" });
  const env = { DATABASE_URL: await database() };
  await lifeguard(t, ['record', '--', process.execPath, 'app.mjs'], { cwd, env });
  await lifeguard(t, ['record', '--out', 'deep/er', '--', process.execPath, 'app.mjs'], { cwd, env });
  const bare = spawnSync(process.execPath, ['--import', join(MAIN, '../../probes/register.js'), 'app.mjs'], { cwd, env: { ...env, LIFEGUARD_DIR: 'bare/traces' } });
  t.is(bare.status, 0, String(bare.stderr));
  const run = readdirSync(join(cwd, '.lifeguard')).find((name) => name !== '.gitignore') ?? '';
  await lifeguard(t, ['report', 'deep/er', '--format', 'json', '--output', 'report.json'], { cwd });
  for (const directory of [join('.lifeguard', run), 'deep/er', 'bare/traces']) {
    t.is(statSync(join(cwd, directory)).mode & 0o777, 0o700, directory);
    for (const name of readdirSync(join(cwd, directory))) t.is(statSync(join(cwd, directory, name)).mode & 0o777, 0o600, name);
  }
  t.is(statSync(join(cwd, 'report.json')).mode & 0o777, 0o666 & ~process.umask());
});

test('a program that is given on the command line has no script, and its arguments are not told', async (t) => {
  const cwd = folderWith(t, {});
  const code = "const pg = require('pg'); const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL }); pool.query('select 1').then(() => pool.end());";
  for (const flag of ['-e', '--eval', '-pe']) {
    const out = join(temporaryFolder(t), 'traces');
    const said = await lifeguard(t, ['record', '--out', out, '--', process.execPath, flag, code, WORD], { cwd, env: { DATABASE_URL: await database() } });
    t.is(said.status, 0, said.stderr);
    const [name = ''] = readdirSync(out);
    const text = readFileSync(join(out, name), 'utf8');
    t.deepEqual(leaksIn(text), [], flag);
    t.is((JSON.parse(text.slice(0, text.indexOf('\n'))) as { script: string }).script, '');
  }
});

test('the tool asks the network for nothing, and writes where it was told', async (t) => {
  const cwd = folderWith(t, {
    'app.mjs': "import pg from 'pg'; const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL }); await pool.query('select 1'); await pool.end();",
    'watch.cjs': `
      const net = require('node:net');
      const dns = require('node:dns');
      const dgram = require('node:dgram');
      const fs = require('node:fs');
      const told = (what) => fs.appendFileSync(process.env.TOLD, what + '\\n');
      net.Socket.prototype.connect = () => { told('connect'); throw new Error('no network'); };
      net.Server.prototype.listen = () => { told('listen'); throw new Error('no network'); };
      dns.lookup = () => { told('lookup'); throw new Error('no network'); };
      dgram.createSocket = () => { told('dgram'); throw new Error('no network'); };
      globalThis.fetch = () => { told('fetch'); throw new Error('no network'); };`,
  });
  mkdirSync(join(cwd, 'home'));
  const said = await lifeguard(t, ['record', '--out', 'traces', '--', process.execPath, 'app.mjs'], { cwd, env: { DATABASE_URL: await database() } });
  t.is(said.status, 0, said.stderr);
  const before = readdirSync(cwd).toSorted();
  writeFileSync(join(cwd, 'told'), '');
  const env = { NODE_OPTIONS: `--require=${join(cwd, 'watch.cjs')}`, TOLD: join(cwd, 'told'), HOME: join(cwd, 'home'), TMPDIR: join(cwd, 'home') };
  for (const words of [['report', 'traces'], ['report', 'traces', '--format', 'html', '--output', 'traces/report.html'], ['check', 'traces'], ['whatif', 'traces', '--pool-max', '3'], ['compare', 'traces', 'traces'], ['scenario', 'list'], ['--help'], ['--version']]) {
    const { status, stderr } = await lifeguard(t, words, { cwd, env });
    t.is(status, 0, `${words.join(' ')}: ${stderr}`);
  }
  t.is(readFileSync(join(cwd, 'told'), 'utf8'), '');
  t.deepEqual(readdirSync(cwd).filter((name) => name !== 'told').toSorted(), before);
  t.deepEqual(readdirSync(join(cwd, 'home')), []);
  const html = readFileSync(join(cwd, 'traces/report.html'), 'utf8');
  t.notRegex(html, /<(?:script|link|img|iframe)[^>]+(?:src|href)="?https?:/);
});
