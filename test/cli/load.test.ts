import test from 'ava';
import { closedPort, startHttp } from '../support/http-service.js';
import { folderWith, isGone, isOneLine, lifeguard, recordForLong } from './lifeguard.js';

/** Answers with what it was asked, after having said when it listens; takes its time to start. */
const SERVICE = `
  const { createServer } = require('node:http');
  let count = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk)).on('end', () => {
      if (count++ === 0) console.log(JSON.stringify([request.method, request.url, request.headers['x-test'], body]));
      response.statusCode = Number(process.env.STATUS ?? 200);
      response.end('ok');
    });
  });
  setTimeout(() => server.listen(Number(process.env.PORT_TO_USE ?? 0), '127.0.0.1', () => console.log('ready ' + process.pid)), 200);
  process.on('exit', () => console.log('answered', count));
  process.on('SIGTERM', () => process.exit(0));
`;

function pidIn(text: string): number {
  return Number(/ready (\d+)/.exec(text)?.[1] ?? 0);
}

test('--load waits for the port, drives, ends the service, and that is no failure', async (t) => {
  const cwd = folderWith(t, { 'app.cjs': SERVICE });
  const port = await closedPort();
  const url = `http://127.0.0.1:${port}/orders?x=1`;
  const said = await lifeguard(
    t,
    ['record', '--load', url, '--seconds', '1.5', '--connections', '3', '--method', 'put', '--header', 'X-Test: a: b', '--body', '{"a":1}', '--', 'node', 'app.cjs'],
    { cwd, env: { PORT_TO_USE: String(port) } },
  );
  t.is(said.status, 0, said.stderr);
  t.true(said.stdout.includes('["PUT","/orders?x=1","a: b","{\\"a\\":1}"]\n'), said.stdout);
  const [, answered = '0'] = /answered (\d+)/.exec(said.stdout) ?? [];
  t.true(Number(answered) > 3, said.stdout);
  t.regex(said.stderr, /load: 3 at a time, [\d,]+ requests? in /);
  t.notRegex(said.stderr, /2xx|without an answer/);
  await isGone(t, pidIn(said.stdout));
});

test('several --load share the connections', async (t) => {
  const cwd = folderWith(t, { 'app.cjs': SERVICE.replace('if (count++ === 0)', 'count++;') });
  const port = await closedPort();
  const said = await lifeguard(t, ['record', '--load', `http://127.0.0.1:${port}/a`, '--load', `http://127.0.0.1:${port}/b`, '--seconds', '1.5', '--', 'node', 'app.cjs'], {
    cwd,
    env: { PORT_TO_USE: String(port) },
  });
  t.is(said.status, 0, said.stderr);
  t.true(said.stdout.includes('"/a"') && said.stdout.includes('"/b"'), said.stdout);
});

test('other statuses than 2xx are numbers, no error of the tool', async (t) => {
  const cwd = folderWith(t, { 'app.cjs': SERVICE });
  const port = await closedPort();
  const said = await lifeguard(t, ['record', '--load', `http://127.0.0.1:${port}/`, '--seconds', '1.5', '--', 'node', 'app.cjs'], {
    cwd,
    env: { PORT_TO_USE: String(port), STATUS: '503' },
  });
  t.is(said.status, 0, said.stderr);
  t.regex(said.stderr, /[\d,]+ answered with another status than 2xx/);
});

test('a port that never opens: which, how long, and that the command still ran', async (t) => {
  const cwd = folderWith(t, { 'app.cjs': 'setInterval(() => {}, 1000)' });
  const port = await closedPort();
  const said = await lifeguard(t, ['record', '--load', `http://127.0.0.1:${port}/`, '--wait-timeout', '0.5', '--', 'node', 'app.cjs'], { cwd });
  isOneLine(t, said, new RegExp(`127\\.0\\.0\\.1:${port} did not open within 0\\.5 s .*; the command was still running`));
});

test('a port that never opens, as the command has ended', async (t) => {
  const port = await closedPort();
  const said = await lifeguard(t, ['record', '--load', `http://127.0.0.1:${port}/`, '--', process.execPath, '-e', 'process.exit(3)']);
  isOneLine(t, said, new RegExp(`the command ended with status 3 before 127\\.0\\.0\\.1:${port} opened`));
});

test('--duration may be over before the port opens', async (t) => {
  const port = await closedPort();
  const said = await lifeguard(t, ['record', '--duration', '0.5', '--load', `http://127.0.0.1:${port}/`, '--', process.execPath, '-e', 'setInterval(() => {}, 1000)']);
  isOneLine(t, said, /--duration was over before 127\.0\.0\.1:\d+ opened/);
});

test('--duration cuts a load that would last longer', async (t) => {
  const cwd = folderWith(t, { 'app.cjs': SERVICE });
  const port = await closedPort();
  const words = ['--load', `http://127.0.0.1:${port}/`, '--seconds', '600', '--', 'node', 'app.cjs'];
  const said = await recordForLong(t, 4, words, ({ stdout }) => stdout.includes('ready'), { cwd, env: { PORT_TO_USE: String(port) } });
  t.is(said.status, 0, said.stderr);
  t.regex(said.stderr, /load: 20 at a time, /);
});

test('--wait-for waits for an answer', async (t) => {
  const cwd = folderWith(t, {
    'app.cjs': `
      const { createServer } = require('node:http');
      let asked = 0;
      const seen = {};
      createServer((request, response) => {
        response.statusCode = asked < 3 ? 503 : 200; // ready when asked for the third time
        if (request.url === '/health') asked++;
        (seen[request.url] ??= []).push(response.statusCode);
        response.end();
      }).listen(Number(process.env.PORT_TO_USE), '127.0.0.1');
      process.on('SIGTERM', () => { console.log(JSON.stringify(seen)); process.exit(0); });`,
  });
  const port = await closedPort();
  const base = `http://127.0.0.1:${port}`;
  const said = await lifeguard(t, ['record', '--load', `${base}/work`, '--wait-for', `${base}/health`, '--seconds', '1.5', '--', 'node', 'app.cjs'], {
    cwd,
    env: { PORT_TO_USE: String(port) },
  });
  const seen = JSON.parse(said.stdout) as Record<string, number[]>;
  t.deepEqual(seen['/health'], [503, 503, 503, 200]);
  t.deepEqual([...new Set(seen['/work'])], [200]);
});

test('a load that reaches nothing is an error of the tool', async (t) => {
  const cwd = folderWith(t, {
    // Accepts, and hangs up: the port is open, but nothing answers.
    'app.cjs': `require('node:net').createServer((socket) => socket.destroy()).listen(Number(process.env.PORT_TO_USE), '127.0.0.1')`,
  });
  const port = await closedPort();
  // It ends long before, as nothing but errors comes back.
  const said = await lifeguard(t, ['record', '--load', `http://127.0.0.1:${port}/`, '--seconds', '600', '--', 'node', 'app.cjs'], {
    cwd,
    env: { PORT_TO_USE: String(port) },
  });
  t.is(said.status, 2, said.stderr);
  t.regex(said.words.at(-1) ?? '', /nothing could be sent to http:\/\/127\.0\.0\.1:\d+\/: \d+ connections failed/);
});

test('a service that crashes under the load: its own status, and a word on it', async (t) => {
  const cwd = folderWith(t, { 'app.cjs': SERVICE.replace("response.end('ok')", "count > 50 ? process.exit(7) : response.end('ok')") });
  const port = await closedPort();
  const said = await lifeguard(t, ['record', '--load', `http://127.0.0.1:${port}/`, '--seconds', '60', '--', 'node', 'app.cjs'], { cwd, env: { PORT_TO_USE: String(port) } });
  t.is(said.status, 7, said.stderr);
  t.regex(said.stderr, /^lifeguard: the command ended with status 7 during the load$/m);
});

test('says so when something else listens at the address already', async (t) => {
  const url = await startHttp(t, (_request, response) => response.end('other'));
  const said = await lifeguard(t, ['record', '--load', url, '--seconds', '1.5', '--', process.execPath, '-e', 'setInterval(() => {}, 1000)']);
  t.regex(said.stderr, /accepts connections already, before the command was started/);
  const free = await lifeguard(t, ['record', '--load', `http://127.0.0.1:${await closedPort()}`, '--', process.execPath, '-e', '0']);
  t.notRegex(free.stderr, /already/);
});

test('--on-port runs a command with the port that the program listens on', async (t) => {
  const cwd = folderWith(t, { 'app.cjs': SERVICE, 'package.json': JSON.stringify({ scripts: { start: 'node app.cjs' } }) });
  const client = `node -e "fetch('http://127.0.0.1:' + process.env.PORT + '/from-client').then((r) => r.text()).then((text) => console.log(text, process.env.NODE_OPTIONS))"`;
  const said = await lifeguard(t, ['record', '--on-port', client, '--', 'npm', 'start'], { cwd });
  t.is(said.status, 0, said.stderr);
  t.true(said.stdout.includes('["GET","/from-client"'), said.stdout);
  t.true(said.stdout.includes('ok undefined\n'), 'the client is not recorded');
  await isGone(t, pidIn(said.stdout));
});

test('--on-port passes over socket files, and the program sees nothing of it', async (t) => {
  const cwd = folderWith(t, {
    'app.cjs': `
      const { createServer } = require('node:net');
      const own = createServer().listen('./own.sock', () => {
        const server = createServer().listen(0, '127.0.0.1', () => console.log('port', server.address().port, server.listenerCount('listening')));
      });
      process.on('SIGTERM', () => { own.close(); process.exit(0); });`,
  });
  const said = await lifeguard(t, ['record', '--on-port', 'echo "given $PORT"', '--', 'node', 'app.cjs'], { cwd });
  t.is(said.status, 0, said.stderr);
  const [, port] = /port (\d+)/.exec(said.stdout) ?? [];
  t.true(said.stdout.includes(`given ${port}\n`), said.stdout);
});

test('--on-port with a command that fails, or a program that never listens: exit 2', async (t) => {
  const cwd = folderWith(t, { 'app.cjs': SERVICE });
  const failed = await lifeguard(t, ['record', '--on-port', 'exit 4', '--', 'node', 'app.cjs'], { cwd });
  t.is(failed.status, 2);
  t.regex(failed.stderr, /the command of --on-port ended with status 4: exit 4/);
  const silent = await lifeguard(t, ['record', '--on-port', 'true', '--wait-timeout', '0.5', '--', process.execPath, '-e', 'setInterval(() => {}, 1000)']);
  isOneLine(t, silent, /did not listen on any port within 500 ms; the command was still running/);
});
