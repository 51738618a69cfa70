import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf } from '../../reports/gate/baseline.js';
import { RULE_IDS, type Report } from '../../reports/model.js';
import { renderGithubSummary } from '../../reports/renderers/github-summary.js';
import { renderGithub } from '../../reports/renderers/github.js';
import { renderJson } from '../../reports/renderers/json.js';
import { renderJunit } from '../../reports/renderers/junit.js';
import { renderSarif } from '../../reports/renderers/sarif.js';
import { emptyAnalysis } from '../../cli/report/empty.js';
import { folderWith, lifeguard } from '../cli/lifeguard.js';
import { traceWithAwait } from '../cli/traces.js';
import { randomTrace } from '../reports/support/random-trace.js';
import { ROOT, temporaryFolder } from '../support/folder.js';
import { judgeText, SHOP, shopWith, type Judged } from './support/judged.js';
import { findMultitool, validateJunit, validateSarif, validateSarifSchema } from './support/validators.js';

type Test = Parameters<typeof judgeText>[0];

/** Names and texts that would break out of their place if they were not escaped. */
const HOSTILE = SHOP.replaceAll('bank.example/charge', 'a]]>&<b>"\'::%0A|`,x').replaceAll('src/bank.js', "src/b<&\"'%,|:.js").replaceAll('charge@', 'ch<arge\u001b[2J&@');

const LIMITS = { transactionMaxMs: 300, gapMaxMs: 1000, waitP99Ms: 29, places: [{ file: 'nowhere/**', gapMaxMs: 1 }] };

/** Reports with something of everything: new, known, ignored, over budget, exceeded limits, rules that are off, nothing. */
async function everyKind(t: Test, seeds: readonly number[] = []): Promise<Record<string, Judged>> {
  const { report } = await judgeText(t, SHOP);
  const entries = entriesOf(report, new Set());
  const fingerprint = entries[0]?.fingerprint ?? '';
  const gone = { fingerprint: '0000000000000000', rule: 'long-transaction', count: 3, title: 'Gone <b>' };
  const empty = await judgeText(t, 'alive 3');
  const kinds: Record<string, Judged> = {
    new: await judgeText(t, SHOP, { limits: LIMITS }),
    hostile: await judgeText(t, HOSTILE, { limits: LIMITS }),
    known: await judgeText(t, shopWith(2), {}, { name: 'known.json', entries: [...entries, gone] }),
    ignored: await judgeText(t, SHOP, { ignore: [{ fingerprint, reason: 'as <agreed> & "so"' }] }),
    'over its budget': await judgeText(t, SHOP, { ignore: [{ fingerprint, reason: 'as agreed', maxMs: 1 }] }, { name: 'known.json', entries }),
    off: await judgeText(t, SHOP, { rules: { 'await-in-transaction': 'off' } }),
    lost: await judgeText(t, SHOP.replace('end 0', 'lost 3\n  end 0')),
    nothing: { ...emptyAnalysis(new Date(0), 5), gate: empty.gate },
  };
  for (const seed of seeds) kinds[`random ${seed}`] = await judgeText(t, randomTrace(seed), { limits: LIMITS });
  return kinds;
}

test('junit is valid, and says of each finding what became of it', async (t) => {
  const kinds = await everyKind(t, [1, 2, 3]);
  t.deepEqual(await validateJunit(Object.fromEntries(Object.entries(kinds).map(([name, analysis]) => [name, renderJunit(analysis)]))), []);
  const draw = (name: string): string => renderJunit(kinds[name] as Judged);
  t.regex(draw('new'), /<testcase classname="pg-lifeguard\.await-in-transaction" name="Await inside an open transaction: charge in src\/bank\.js \(GET bank\.example\/charge\) \[[0-9a-f]{16}\]" time="0\.300"><failure type="await-in-transaction" message="/);
  t.regex(draw('new'), /<testcase classname="pg-lifeguard\.limits" name="limits\.transactionMaxMs: [^"]*"[^>]*><failure type="transactionMaxMs" message="The longest transaction takes 303 ms \(limit 300 ms\)/);
  t.regex(draw('new'), /<testcase [^>]*name="limits\.gapMaxMs: [^"]*"[^>]*\/>/);
  t.regex(draw('new'), /name="limits\.places\[0\]\.gapMaxMs: [^"]*"[^>]*><skipped /);
  t.regex(draw('known'), /await-in-transaction"[^>]*><skipped message="in the baseline with one occurrence, now twice"/);
  t.regex(draw('off'), /classname="pg-lifeguard\.await-in-transaction"[^>]*><skipped message="off in the configuration"/);
  t.regex(draw('over its budget'), /<failure type="await-in-transaction"/);
  t.regex(draw('lost'), /<testcase classname="pg-lifeguard\.recording"[^>]*><error type="inconclusive" message="3 events were lost/);
  t.notRegex(draw('ignored'), /<failure|<error/);
});

test('the junit schema finds what is wrong', async (t) => {
  const good = renderJunit((await everyKind(t))['new'] as Judged);
  for (const bad of [good.replace(/ time="[^"]*"/, ''), good.replace('<properties/>', ''), good.replace('hostname="localhost"', 'host="x"'), good.replace('</testsuites>', '')]) {
    t.true((await validateJunit({ bad })).length > 0);
  }
});

const multitool = findMultitool();
const withMultitool = multitool === null ? test.skip : test;

withMultitool('sarif is valid: for the official schema, and for the official validator', async (t) => {
  const folder = temporaryFolder(t);
  const kinds = await everyKind(t, [4, 5, 6]);
  for (const [name, analysis] of Object.entries(kinds)) {
    const sarif = renderSarif(analysis, { root: '/app' });
    t.deepEqual(validateSarifSchema(multitool ?? '', sarif), [], name);
    if (name.startsWith('random')) continue;
    const said = validateSarif(multitool ?? '', sarif, folder);
    if (said === null) t.log('the official validator does not run here');
    else t.deepEqual(said, [], name);
  }
});

withMultitool('the validators find what is wrong', async (t) => {
  const folder = temporaryFolder(t);
  const good = renderSarif(await judgeText(t, SHOP));
  const bad = good.replace('"ruleIndex": 0', '"ruleIndex": 1').replace('"kind": "fail"', '"kind": "fail", "bogus": 1');
  t.true(validateSarifSchema(multitool ?? '', bad).length > 0);
  const said = validateSarif(multitool ?? '', bad, folder);
  if (said !== null) t.true(said.length > 0);
});

interface Sarif {
  runs: {
    tool: { driver: { rules: { id: string }[] } };
    originalUriBaseIds: { SRCROOT: { uri: string } };
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      baselineState?: string;
      suppressions?: { justification: string }[];
      partialFingerprints: Record<string, string>;
      locations?: { physicalLocation: { artifactLocation: { uri: string; uriBaseId?: string }; region: { startLine: number } } }[];
    }[];
  }[];
}

function readSarif(analysis: Judged, root?: string): Sarif['runs'][number] {
  const log = JSON.parse(renderSarif(analysis, root === undefined ? {} : { root })) as Sarif;
  const [run] = log.runs;
  if (run === undefined) throw new Error('no run');
  return run;
}

test('sarif: rules by index, fingerprints, places relative to the root, what was accepted', async (t) => {
  const kinds = await everyKind(t);
  const run = readSarif(kinds['new'] as Judged, '/app/src');
  t.is(run.originalUriBaseIds.SRCROOT.uri, 'file:///app/src/');
  for (const { ruleId, ruleIndex } of run.results) t.is(run.tool.driver.rules[ruleIndex]?.id, ruleId);
  const [found, ...limits] = run.results;
  t.is(found?.level, 'error');
  t.is(found?.partialFingerprints['pgLifeguard/v1'], kinds['new']?.report.findings[0]?.fingerprint);
  t.deepEqual(found?.locations?.[0]?.physicalLocation.artifactLocation, { uri: 'bank.js', uriBaseId: 'SRCROOT' });
  t.is(found?.locations?.[0]?.physicalLocation.region.startLine, 4);
  t.deepEqual(limits.map(({ ruleId }) => ruleId), ['limit-transaction-max-ms', 'limit-wait-p99-ms']);
  t.is(found?.baselineState, undefined, 'nothing was compared');

  t.deepEqual(readSarif(kinds['known'] as Judged).results.map(({ baselineState }) => baselineState), ['updated']);
  t.deepEqual(readSarif(kinds['ignored'] as Judged).results.map(({ suppressions }) => suppressions?.[0]?.justification), ['as <agreed> & "so"']);
  t.is(readSarif(kinds['over its budget'] as Judged).results[0]?.suppressions, undefined);
  t.is(readSarif(kinds['new'] as Judged, '/elsewhere').results[0]?.locations?.[0]?.physicalLocation.artifactLocation.uri, 'file:///app/src/bank.js');
  t.true(RULE_IDS.every((id) => run.tool.driver.rules.some((rule) => rule.id === id)));
});

test('a trace of Windows, read anywhere: paths as URLs or not, relative to the folder of the run', async (t) => {
  const reports = await Promise.all(['file:///C:/My%20Shop/', String.raw`C:\\My Shop\\`].map(async (folder) => {
    const text = traceWithAwait().replaceAll('"/srv/shop/', `"${folder}`).replaceAll('"/srv/shop"', String.raw`"C:\\My Shop"`);
    const { stdout } = await lifeguard(t, ['report', '1.ndjson', '--format', 'json'], { cwd: folderWith(t, { '1.ndjson': text }) });
    return JSON.parse(stdout) as Report;
  }));
  t.deepEqual(reports.map(({ findings: [first] }) => first?.callSite?.file), ['orders.js', 'orders.js']);
  t.is(new Set(reports.map(({ findings: [first] }) => first?.fingerprint)).size, 1);
});

test('github: one line an annotation, whatever is in it', async (t) => {
  const kinds = await everyKind(t);
  const text = renderGithub(kinds['hostile'] as Judged);
  const lines = text.trimEnd().split('\n');
  t.is(lines.length, 3);
  t.false(text.includes('\u001b'));
  for (const line of lines) t.regex(line, /^::error (?:file=[^,:]*,line=\d+,col=\d+,)?title=[^,:]*::[^\r\n]*$/);
  t.regex(lines[0] ?? '', /^::error file=src\/b<&"'%25%2C\|%3A\.js,line=4,/);
  t.is(renderGithub(kinds['ignored'] as Judged), '', 'what is accepted is no news');
});

test('github: the most severe ten, and how many more there are', async (t) => {
  const faults = Array.from({ length: 13 }, (_, index) => `checkout ${index + 1} pool 1 from ${index * 10} use 9 at f${index}@/app/a.js:${index + 1}
    1..2 sql BEGIN -> T
    2..7 wait timer "5 ms" started f${index}@/app/a.js:${index + 1}
    8..9 sql COMMIT`).join('\n');
  const slow = `checkout 20 pool 1 from 200 use 5000 at slow@/app/slow.js:1
    1..2 sql BEGIN -> T at slow@/app/slow.js:2
    3..4900 sql select pg_sleep(?) -> T
    4901..4902 sql COMMIT`;
  const analysis = await judgeText(t, `pool 1 max 9\n${slow}\n${faults}\nend 0 at 9000`);
  const lines = renderGithub(analysis).trimEnd().split('\n');
  t.is(lines.filter((line) => line.startsWith('::error ')).length, 10);
  t.is(lines.length, 11);
  t.is(lines[10], 'and 4 more, in the job summary');
  const summary = renderGithubSummary(analysis);
  t.is(summary.match(/^\| ❌ error /gm)?.length, 13);
  t.regex(summary, /^\| warning \| <code>slow\.js:2<\/code>/m);
});

test('the job summary: nothing in it becomes markup', async (t) => {
  const kinds = await everyKind(t);
  for (const [name, analysis] of Object.entries(kinds)) {
    const text = renderGithubSummary(analysis);
    t.regex(text, /^## pg-lifeguard: (?:❌ \d+ problems?|✅ passed|❔ inconclusive)\n/, name);
    t.deepEqual([...text.matchAll(/<\/?([a-z]+)/g)].map(([, tag]) => tag).filter((tag) => !['code', 'br', 'sub', 'details', 'summary'].includes(tag ?? '')), [], name);
    const widths = text.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.replace(/\\\|/g, '').split('|').length);
    t.true(widths.every((width) => width >= 5), name);
  }
  t.regex(renderGithubSummary(kinds['known'] as Judged), /<summary>1 entry of the baseline can be deleted<\/summary>/);
});

test('json with the gate keeps to its schema', async (t) => {
  const schema = JSON.parse(readFileSync(join(ROOT, 'reports/report.schema.json'), 'utf8')) as object;
  const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
  for (const [name, analysis] of Object.entries(await everyKind(t, [7, 8, 9]))) {
    const report: unknown = JSON.parse(renderJson(analysis));
    t.true(validate(report), `${name}: ${JSON.stringify(validate.errors)}`);
    t.true(typeof report === 'object' && report !== null && 'gate' in report);
  }
});

test('the same analysis gives the same text', async (t) => {
  const [one, two] = [await judgeText(t, HOSTILE, { limits: LIMITS }), await judgeText(t, HOSTILE, { limits: LIMITS })];
  for (const render of [renderJunit, renderSarif, renderGithub, renderJson]) t.is(render(one), render(two), render.name);
});
