import test, { type ExecutionContext } from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '../../reports/compare/model.js';
import { folderWith, isOneLine, lifeguard } from '../cli/lifeguard.js';
import { cleanTrace, idleTrace, traceWithAwait } from '../cli/traces.js';
import { useDatabase } from '../support/database.js';
import { ROOT } from '../support/folder.js';
import { closedPort } from '../support/http-service.js';

const { database } = useDatabase(test);
const FILES = { 'before/a.ndjson': cleanTrace(), 'after/a.ndjson': traceWithAwait(), 'idle/a.ndjson': idleTrace(), 'text.ndjson': 'hello\n' };

test('exit 1 when an error is new, 0 when it is gone or was there already', async (t) => {
  const cwd = folderWith(t, FILES);
  t.is((await lifeguard(t, ['compare', 'before', 'after'], { cwd })).status, 1);
  t.is((await lifeguard(t, ['compare', 'after', 'before'], { cwd })).status, 0);
  t.is((await lifeguard(t, ['compare', 'after', 'after/a.ndjson'], { cwd })).status, 0);
});

test('JSON on stdout, HTML in a file', async (t) => {
  const cwd = folderWith(t, FILES);
  const json = await lifeguard(t, ['compare', 'before', 'after', '--format', 'json'], { cwd });
  t.is((JSON.parse(json.stdout) as Comparison).findings[0]?.change, 'new');
  t.is(json.stderr, '');
  const html = await lifeguard(t, ['compare', 'before', 'after', '--format', 'html', '--output', 'out/c.html'], { cwd });
  t.is(html.stdout, '');
  t.is(html.stderr, 'lifeguard: comparison in out/c.html\n');
  t.regex(readFileSync(join(cwd, 'out/c.html'), 'utf8'), /^<!doctype html>/);
});

test('the configuration counts as it does for report: a rule that is off is no finding here either', async (t) => {
  const cwd = folderWith(t, { ...FILES, 'off.json': '{"rules":{"await-in-transaction":"off"}}' });
  const said = await lifeguard(t, ['compare', 'before', 'after', '--config', 'off.json', '--format', 'json'], { cwd });
  t.is(said.status, 0, said.stderr);
  t.deepEqual((JSON.parse(said.stdout) as Comparison).findings.map(({ rule }) => rule).filter((rule) => rule === 'await-in-transaction'), []);
  const whatIf = await lifeguard(t, ['whatif', 'after', '--config', 'off.json', '--without', '0123'], { cwd });
  t.is(whatIf.status, 2);
  isOneLine(t, await lifeguard(t, ['whatif', 'after', '--config', 'no.json'], { cwd }), /--config is "no\.json", and there is no such file/);
});

test('what makes no sense is one line', async (t) => {
  const cwd = folderWith(t, FILES);
  isOneLine(t, await lifeguard(t, ['compare', 'before'], { cwd }), /compare needs two runs/);
  isOneLine(t, await lifeguard(t, ['compare', 'before', 'nowhere'], { cwd }), /no such file or directory: nowhere/);
  isOneLine(t, await lifeguard(t, ['compare', 'before', 'text.ndjson'], { cwd }), /text\.ndjson is no pg-lifeguard trace/);
  isOneLine(t, await lifeguard(t, ['compare', 'before', 'after', '--format', 'xml'], { cwd }), /--format is "xml"/);
  const idle = await lifeguard(t, ['compare', 'before', 'idle'], { cwd });
  t.is(idle.status, 2);
  t.regex(idle.stderr, /^lifeguard: inconclusive: [^\n]+\n$/);
});

/** Records a variant of the flagship under the same load, in a folder of its name. */
async function recordVariant(t: ExecutionContext, cwd: string, variant: string, DATABASE_URL: string, seconds: number): Promise<void> {
  const port = await closedPort();
  const words = ['record', '--out', variant, '--load', `http://127.0.0.1:${port}/`, '--connections', '15', '--seconds', String(seconds), '--', 'node', join(ROOT, `dist/scenarios/eleventh-request/${variant}.js`)];
  const { status, stderr } = await lifeguard(t, words, { cwd, env: { PORT: String(port), DATABASE_URL } });
  t.is(status, 0, stderr);
}

/** For so long that something can be said: a machine with much else to do gives fewer numbers a second, and odder ones. */
async function compareVariants(t: ExecutionContext, seconds: number): Promise<{ cwd: string; comparison: Comparison }> {
  const cwd = folderWith(t, {});
  const url = await database();
  for (const variant of ['faulty', 'fixed']) await recordVariant(t, cwd, variant, url, seconds);
  const { stdout, status } = await lifeguard(t, ['compare', 'faulty', 'fixed', '--format', 'json'], { cwd });
  t.is(status, 0, stdout);
  const comparison = JSON.parse(stdout) as Comparison;
  const { useP50Ms, exhaustedShare } = comparison.pools[0]?.metrics ?? {};
  const isUnclear = [useP50Ms, exhaustedShare].some((metric) => metric?.verdict === 'unclear');
  return isUnclear && seconds < 20 ? compareVariants(t, seconds * 4) : { cwd, comparison };
}

test('the flagship and its fix, really run: the await and the starvation are gone, and more gets done', async (t) => {
  const { cwd, comparison } = await compareVariants(t, 2);
  const { verdict, findings, pools } = comparison;
  t.is(verdict, 'better', JSON.stringify(comparison));
  t.is(findings.find(({ rule }) => rule === 'await-in-transaction')?.change, 'gone');
  t.is(pools[0]?.metrics.useP50Ms.verdict, 'lower', JSON.stringify(pools));
  t.is(pools[0]?.metrics.exhaustedShare.verdict, 'lower', JSON.stringify(pools));
  t.is((await lifeguard(t, ['compare', 'fixed', 'faulty'], { cwd })).status, 1);
});
