import { readFileSync } from 'node:fs';
import test from 'ava';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { EPISODE_CAUSES, RULE_IDS, SEVERITIES, VERDICTS, type Report } from '../../reports/model.js';
import { renderJson } from '../../reports/renderers/json.js';
import { analyseText } from './support/analyse-text.js';
import { randomTrace } from './support/random-trace.js';

const schema = JSON.parse(readFileSync('reports/report.schema.json', 'utf8')) as Record<string, unknown>;

function compile(): ValidateFunction {
  return new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
}

const FAULTY = `pool 1 max 1 at main@/app/a.js:1
  connection 1 connecting 0 connected 1
  checkout 1 from 1 use 1500
    0..1 sql BEGIN -> T at f@/app/a.js:5
    1..1300 wait http "GET x" started g@/app/node_modules/got/i.js:3 < f@/app/a.js:9
    1400..1500 sql COMMIT
  checkout 2 from 10 timeout 500
  blocked 20..90 at crunch@/app/a.js:70
  lost 2`;

async function jsonOf(t: Parameters<typeof analyseText>[0], trace: string): Promise<Report> {
  const analysis = await analyseText(t, trace);
  return JSON.parse(renderJson(analysis)) as Report;
}

test('real reports pass', async (t) => {
  const validate = compile();
  const report = await jsonOf(t, FAULTY);
  t.true(report.findings.length >= 3 && report.episodes.length > 0 && report.findings.some(({ via }) => via !== null), 'the report has something of everything');
  t.true(validate(report), JSON.stringify(validate.errors));
  t.true(validate(await jsonOf(t, 'alive 3')), JSON.stringify(validate.errors));
  for (let seed = 100; seed < 120; seed += 1) t.true(validate(await jsonOf(t, randomTrace(seed))), JSON.stringify(validate.errors));
});

test('broken ones do not: each change is one that a reader would trip over', async (t) => {
  const validate = compile();
  const report = await jsonOf(t, FAULTY);
  const changes: [string, (broken: Report) => unknown][] = [
    ['another version', (broken) => Object.assign(broken, { schemaVersion: 2 })],
    ['a field too many', (broken) => Object.assign(broken, { extra: 1 })],
    ['an unknown rule', (broken) => Object.assign(broken.findings[0] ?? {}, { rule: 'bad-luck' })],
    ['a severity that is none', (broken) => Object.assign(broken.findings[0] ?? {}, { severity: 'fatal' })],
    ['a fingerprint of another form', (broken) => Object.assign(broken.findings[0] ?? {}, { fingerprint: 'x' })],
    ['no advice', (broken) => Reflect.deleteProperty(broken.findings[0] ?? {}, 'advice')],
    ['a share above 1', (broken) => Object.assign(broken.findings[0]?.evidence ?? {}, { shareOfUse: 1.2 })],
    ['a negative time', (broken) => Object.assign(broken.pools[0]?.wait ?? {}, { maxMs: -1 })],
    ['a call site without a line', (broken) => Reflect.deleteProperty(broken.findings[0]?.callSite ?? {}, 'line')],
    ['blame without a share', (broken) => Reflect.deleteProperty(broken.episodes[0]?.blame[0] ?? {}, 'share')],
    ['a verdict that is none', (broken) => Object.assign(broken, { verdict: 'fine' })],
    ['a fact that is a list', (broken) => Object.assign(broken.findings[0]?.evidence.facts ?? {}, { list: [] })],
  ];
  for (const [name, change] of changes) {
    const broken = structuredClone(report);
    change(broken);
    t.false(validate(broken), name);
  }
});

test('the schema names what the types name', (t) => {
  const lists = [...JSON.stringify(schema).matchAll(/"enum":(\[[^\]]*\])/g)].map(([, list = '']) => list);
  for (const names of [RULE_IDS, SEVERITIES, VERDICTS, EPISODE_CAUSES]) t.true(lists.includes(JSON.stringify(names)), names.join());
});

test('the same trace gives the same text', async (t) => {
  const [first, second] = [await jsonOf(t, FAULTY), await jsonOf(t, FAULTY)];
  t.is(JSON.stringify(first), JSON.stringify(second));
});
