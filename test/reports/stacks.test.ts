import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { buildSync } from 'esbuild';
import type { RawFrame } from '../../probes/trace/events.js';
import { resolveStacks } from '../../reports/timeline/resolve-stacks.js';
import { openSources } from '../../reports/timeline/sources.js';
import { directoryWith } from './support/analyse-text.js';

const SOURCE = `interface Order { id: number }

export async function placeOrder(order: Order): Promise<number> {
  await Promise.resolve();
  return order.id;
}
`;

/** Where `needle` stands in `text`: line and column from 1. */
function find(text: string, needle: string): [number, number] {
  const before = text.slice(0, text.indexOf(needle)).split('\n');
  return [before.length, (before.at(-1) ?? '').length + 1];
}

for (const sourcemap of ['inline', 'linked'] as const) {
  test(`${sourcemap} source maps lead to the source, by path and by file: URL`, (t) => {
    const directory = directoryWith(t, { 'src/order.ts': SOURCE });
    const { outputFiles } = buildSync({ absWorkingDir: directory, entryPoints: ['src/order.ts'], outdir: 'dist', sourcemap, minifyWhitespace: true, write: false });
    const built = directoryWith(t, Object.fromEntries(outputFiles.map(({ path, text }) => [path.slice(directory.length + 1), text])));
    const script = outputFiles.find(({ path }) => path.endsWith('.js'))?.text ?? '';
    const [line, column] = find(script, 'Promise.resolve');
    const file = join(built, 'dist/order.js');
    const sources = openSources();
    const resolve = resolveStacks(built, sources);
    const expected = [{ file: 'src/order.ts', line: 4, column: 9, function: 'placeOrder' }];
    t.deepEqual(resolve([['placeOrder', file, line, column]]).frames, expected);
    t.deepEqual(resolve([['async placeOrder', pathToFileURL(file).href, line, column]]).frames, expected);
    // The source is not there, only the map's copy of it.
    t.is(sources.lines(join(built, 'src/order.ts'))?.[3], '  await Promise.resolve();');
  });
}

test('absent and broken maps are as if there were none', (t) => {
  const directory = directoryWith(t, {
    'absent.js': 'f();\n//# sourceMappingURL=absent.js.map\n',
    'broken.js': 'f();\n//# sourceMappingURL=broken.js.map\n',
    'broken.js.map': '{"version":3,',
    'data.js': 'f();\n//# sourceMappingURL=data:application/json;base64,AAAA\n',
    'none.js': 'f();\n',
  });
  const resolve = resolveStacks(directory, openSources());
  for (const name of ['absent.js', 'broken.js', 'data.js', 'none.js', 'not-there.js']) {
    t.deepEqual(resolve([['f', join(directory, name), 1, 1]]).frames, [{ file: name, line: 1, column: 1, function: 'f' }]);
  }
});

test('a bundle is taken apart: what came from a package is the package again', (t) => {
  const directory = directoryWith(t, {
    'node_modules/tiny-orm/index.js': 'export async function find(run) { await run(); }\n',
    'src/app.js': "import { find } from 'tiny-orm';\nexport async function handler(run) {\n  await find(run);\n}\n",
  });
  buildSync({ absWorkingDir: directory, entryPoints: ['src/app.js'], outfile: 'dist/app.js', bundle: true, format: 'esm', sourcemap: true });
  const script = openSources().lines(join(directory, 'dist/app.js'))?.join('\n') ?? '';
  const file = join(directory, 'dist/app.js');
  const stack: RawFrame[] = [
    ['find', file, ...find(script, 'run();')],
    ['handler', file, ...find(script, 'find(run);')],
  ];
  const { frames, via } = resolveStacks(directory, openSources())(stack);
  t.deepEqual(frames.map(({ file, line }) => `${file}:${line}`), ['src/app.js:3']);
  t.is(via?.package, 'tiny-orm');
});

test('application and packages are told apart; pg is never to blame', (t) => {
  const directory = directoryWith(t, {
    'app/node_modules/drizzle-orm/package.json': '{"version":"0.44.1"}',
    'app/node_modules/@scope/client/package.json': '{"version":"2.0.0"}',
    'app/node_modules/pg/package.json': '{"version":"8.23.1"}',
  });
  const app = join(directory, 'app');
  const modules = join(app, 'node_modules');
  const resolve = resolveStacks(app, openSources());
  const pg: RawFrame = ['Client.query', join(modules, 'pg/lib/client.js'), 5, 1];
  const pool: RawFrame = ['connect', join(modules, 'pg-pool/index.js'), 5, 1];
  const orm: RawFrame = ['async PgTransaction.execute', join(modules, 'drizzle-orm/session.js'), 70, 3];
  const handler: RawFrame = ['async handler', join(app, 'src/orders.js'), 88, 5];
  const express: RawFrame = ['next', join(modules, 'express/router.js'), 3, 1];

  const direct = resolve([pg, pool, handler, express]);
  t.deepEqual(direct.frames, [{ file: 'src/orders.js', line: 88, column: 5, function: 'handler' }]);
  t.is(direct.via, null, 'neither pg, nor what calls the application');

  t.deepEqual(resolve([pg, orm, ['f', join(modules, '@scope/client/i.js'), 1, 1], handler]).via, {
    package: 'drizzle-orm',
    version: '0.44.1',
    file: 'node_modules/drizzle-orm/session.js',
    line: 70,
    function: 'PgTransaction.execute',
  });
  const scoped = resolve([['f', `/elsewhere/node_modules/.pnpm/@scope+client@2/node_modules/@scope/client/i.js`, 1, 1]]);
  t.is(scoped.via?.package, '@scope/client');
  t.is(scoped.via?.version, '');
  t.deepEqual(resolve([['f', join(modules, '@scope/client/i.js'), 1, 1]]).via?.version, '2.0.0');
  t.deepEqual(scoped.frames, []);
});

test('frames that nobody could open are left out, names are plain', (t) => {
  const resolve = resolveStacks('/app', openSources());
  const frames: RawFrame[] = [
    ['processTicksAndRejections', 'node:internal/process/task_queues', 95, 5],
    ['async Promise.all', '', 0, 0],
    ['new Promise', '<anonymous>', 0, 0],
    ['async <anonymous>', '/app/a.js', 1, 2],
    ['Object.<anonymous>', '/app/b.js', 3, 4],
    ['Server.<anonymous>', '/other/c.js', 5, 6],
  ];
  t.deepEqual(resolve(frames).frames, [
    { file: 'a.js', line: 1, column: 2, function: '' },
    { file: 'b.js', line: 3, column: 4, function: '' },
    { file: '/other/c.js', line: 5, column: 6, function: 'Server' },
  ]);
});

test('a directory whose name begins like the cwd is not below it', (t) => {
  const { frames } = resolveStacks('/app', openSources())([['f', '/app-two/a.js', 1, 1]]);
  t.is(frames[0]?.file, '/app-two/a.js');
});
