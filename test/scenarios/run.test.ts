import test, { type ExecutionContext } from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eleventhRequest } from '../../scenarios/eleventh-request/scenario.js';
import { runScenario } from '../../scenarios/run.js';
import { ScenarioError, type Scenario } from '../../scenarios/scenario.js';
import { startService } from '../../scenarios/service.js';
import { querySql, useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { ROOT, temporaryFolder } from '../support/folder.js';
import { closedPort, isListening } from '../support/http-service.js';
import { runProgram } from '../support/program.js';

const { server } = useDatabase(test);

const SHORT: Scenario = { ...eleventhRequest, steps: [1, 3].map((connections) => ({ connections, seconds: 0.3 })) };

test.serial('both variants are run step by step, and have ended afterwards', async (t) => {
  const directory = temporaryFolder(t);
  const progress: [number, string][] = [];
  const run = await runScenario(SHORT, { server: server(), directory, onProgress: (fraction, label) => progress.push([fraction, label]) });

  t.deepEqual(run.variants.map(({ variant }) => variant), ['faulty', 'fixed']);
  for (const { variant, directory: traces, steps } of run.variants) {
    t.is(traces, join(directory, variant));
    t.deepEqual(steps.map(({ connections }) => connections), [1, 3]);
    for (const { errors, non2xx } of steps) t.deepEqual({ errors, non2xx }, { errors: 0, non2xx: 0 });
  }
  t.deepEqual(progress.map(([fraction]) => fraction), progress.map(([fraction]) => fraction).toSorted((a, b) => a - b));
  t.is(progress.at(-1)?.[0], 1);
  t.deepEqual([...new Set(progress.map(([, label]) => label))], [
    'faulty: starting', 'faulty: one request at a time', 'faulty: 3 requests at a time',
    'fixed: starting', 'fixed: one request at a time', 'fixed: 3 requests at a time',
  ]);
  await noSessions();
  t.pass();
});

test.serial('one variant alone can be run', async (t) => {
  const run = await runScenario(SHORT, { variant: 'fixed', server: server(), directory: temporaryFolder(t) });
  t.deepEqual(run.variants.map(({ variant }) => variant), ['fixed']);
});

test.serial('an aborted run ends its service', async (t) => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const endless: Scenario = { ...SHORT, steps: [{ connections: 2, seconds: 3600 }] };
  const onProgress = (fraction: number): void => {
    if (fraction > 0) controller.abort(reason);
  };
  const running = runScenario(endless, { server: server(), directory: temporaryFolder(t), signal: controller.signal, onProgress });
  t.is(await t.throwsAsync(running), reason);
  await noSessions();
});

test('a service that does not start is named, with what it said', async (t) => {
  const missing: Scenario = { ...SHORT, name: 'no-such-folder' };
  const error = await t.throwsAsync(runScenario(missing, { server: server(), directory: temporaryFolder(t) }), { instanceOf: ScenarioError });
  t.regex(error.message, /^the service no-such-folder[/\\]faulty\.js ended before it listened: Error\b.*: Cannot find module/);
});

test('a service goes with the program that started it, even when that is killed', async (t) => {
  // Only the service is asked, so there need not be a database.
  const databaseUrl = `postgres://127.0.0.1:${await closedPort()}/none`;
  const launcher = pathToFileURL(join(ROOT, 'dist/scenarios/service.js')).href;
  const { stdout, signal } = await runProgram(t, {
    files: {
      'app.mjs': `
        import { startService } from '${launcher}';
        const service = await startService(process.argv[2], { ...process.env, DATABASE_URL: '${databaseUrl}' });
        console.log(service.url);
        setInterval(() => {}, 1000);`,
    },
    args: [join(ROOT, 'dist/scenarios/eleventh-request/faulty.js')],
    onLine: (line, child) => {
      if (line.startsWith('http')) child.kill('SIGKILL');
    },
  });
  t.is(signal, 'SIGKILL');
  await eventually('the service goes', async () => !(await isListening(stdout.trim())));
});

test('a service that is told to stop may answer first what it was asked', async (t) => {
  const service = await startService(
    writeService(t, `
      const waiting = [];
      const server = createServer((request, response) => {
        if (request.url === '/waiting') response.end(String(waiting.length));
        else waiting.push(response);
      });
      process.once('SIGTERM', () => {
        for (const response of waiting) response.setHeader('connection', 'close').end('at last');
        server.close();
        server.closeIdleConnections();
      });`),
    process.env,
  );
  const answer = fetch(`${service.url}/slow`).then((response) => response.text());
  await eventually('the request is under way', async () => (await (await fetch(`${service.url}/waiting`)).text()) === '1');
  await service.stop();
  t.is(await answer, 'at last');
  t.false(await isListening(service.url));
});

test('a service that does not heed is ended all the same', async (t) => {
  const service = await startService(writeService(t, `
    const server = createServer((request, response) => response.end());
    process.on('SIGTERM', () => {});`), process.env);
  await service.stop();
  t.false(await isListening(service.url));
});

/** A service made of `code`, which has a `createServer` and makes a `server`. */
function writeService(t: ExecutionContext, code: string): string {
  const file = join(temporaryFolder(t), 'service.mjs');
  writeFileSync(file, `import { createServer } from 'node:http';
    ${code}
    server.listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + server.address().port));`);
  return file;
}

/** Resolves when nobody is connected to a database of the scenario's. */
function noSessions(): Promise<void> {
  return eventually('all sessions end', async () => {
    const others = await querySql(server().url, "select pid from pg_stat_activity where datname like 'lifeguard_eleventh_request_%'");
    return others.length === 0;
  });
}
