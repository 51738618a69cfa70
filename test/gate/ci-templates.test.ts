/** The workflow files, as far as a shell can try them: their command lines, on a suite with a fault and without. */
import test from 'ava';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, MAIN } from '../cli/lifeguard.js';
import { useDatabase } from '../support/database.js';
import { ROOT } from '../support/folder.js';
import { validateJunit } from './support/validators.js';

const { database } = useDatabase(test);

/** The command that runs the tests, on one line. */
function commandIn(template: string): string {
  const text = readFileSync(join(ROOT, 'cli/ci-templates', template), 'utf8').replace(/^\s*#.*$/gm, '');
  const [command = ''] = /npx lifeguard run[^]*?-- npm test$/m.exec(text) ?? [];
  return command.replace(/\s*\n\s*/g, ' ');
}

const suite = (pause: string): string => `import pg from 'pg';
import { test } from 'node:test';
test('places an order', async () => {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query('begin');
  ${pause}
  await client.query('commit');
  await client.end();
});
`;

for (const template of ['github-actions.yml', 'gitlab-ci.yml']) {
  test(`${template}: fails for a fault, passes without, and leaves its files`, async (t) => {
    const command = commandIn(template);
    t.regex(command, /^npx lifeguard run .* -- npm test$/);
    const cwd = folderWith(t, { 'package.json': '{"type":"module","scripts":{"test":"node --test"}}', 'orders.test.js': suite('await new Promise((done) => setTimeout(done, 20));') });
    // What npx would find.
    const bin = join(cwd, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${MAIN}" "$@"\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, DATABASE_URL: await database(), GITHUB_STEP_SUMMARY: join(cwd, 'summary.md'), GITHUB_WORKSPACE: cwd };
    const run = () => spawnSync('sh', ['-e', '-c', command], { cwd, env, encoding: 'utf8' });

    const faulty = run();
    t.is(faulty.status, 1, faulty.stderr);
    t.deepEqual(await validateJunit({ junit: readFileSync(join(cwd, 'lifeguard/junit.xml'), 'utf8') }), []);
    t.true(existsSync(join(cwd, 'lifeguard/report.sarif')) && existsSync(join(cwd, 'lifeguard/report.html')));
    if (template.startsWith('github')) {
      t.regex(faulty.stdout, /^::error file=orders\.test\.js,line=7,/m);
      t.regex(readFileSync(join(cwd, 'summary.md'), 'utf8'), /❌ 1 problem/);
    }

    writeFileSync(join(cwd, 'orders.test.js'), suite(''));
    const fixed = run();
    t.is(fixed.status, 0, fixed.stdout + fixed.stderr);
    t.notRegex(fixed.stdout, /::error/);
  });
}
