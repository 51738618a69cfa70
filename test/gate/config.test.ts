import test from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkConfig } from '../../reports/gate/check-config.js';
import { CONFIG_SCHEMA } from '../../reports/gate/config.js';
import { folderWith, isOneLine, lifeguard } from '../cli/lifeguard.js';
import { cleanTrace, traceWithAwait } from '../cli/traces.js';

const EVERYTHING = {
  $schema: 'https://example.org/schema.json',
  limits: {
    transactionMaxMs: 1000,
    transactionP99Ms: 0,
    gapMaxMs: 10.5,
    waitP99Ms: 100,
    idleInTransactionShare: 0.5,
    places: [{ file: 'src/**', function: 'place*', gapMaxMs: 1 }, { function: '*', waitP99Ms: 3 }],
  },
  rules: { 'await-in-transaction': 'warning', 'pool-deadlock': 'off', 'pool-starvation': 'error' },
  ignore: [{ fingerprint: '0123456789abcdef', reason: 'as agreed', maxMs: 5 }, { fingerprint: '0123456789abcdee', reason: 'as agreed' }],
  baseline: 'known.json',
  baselineGrowth: 'fail',
  links: { editor: 'zed', sourceUrl: 'https://example.org/{file}' },
  thresholds: { transactionMs: 500 },
};

test('a configuration with every key is understood, and so is an empty one', (t) => {
  t.deepEqual(checkConfig(EVERYTHING), { config: EVERYTHING } as ReturnType<typeof checkConfig>);
  t.deepEqual(Object.keys(EVERYTHING).toSorted(), Object.keys(CONFIG_SCHEMA.entries).toSorted(), 'this test knows every key');
  t.deepEqual(checkConfig({}), { config: {} });
});

const MISTAKES: [config: unknown, said: RegExp][] = [
  [{ limit: {} }, /there is no limit, expected limits, rules, ignore, baseline, baselineGrowth, links, thresholds; did you mean limits\?/],
  [{ limits: { gapMaxMS: 3 } }, /there is no limits\.gapMaxMS, expected transactionMaxMs, .*places; did you mean gapMaxMs\?/],
  [{ limits: { gapMaxMs: '3s' } }, /limits\.gapMaxMs is "3s", expected milliseconds, a number from 0\n/],
  [{ limits: { gapMaxMs: -1 } }, /limits\.gapMaxMs is -1, expected milliseconds, a number from 0\n/],
  [{ limits: { idleInTransactionShare: 20 } }, /limits\.idleInTransactionShare is 20, expected a share from 0 to 1\n/],
  [{ limits: 3 }, /limits is 3, expected an object\n/],
  [{ limits: { places: [{ file: 'a', gapMaxMs: 1 }, { fil: 'b', gapMaxMs: 1 }] } }, /there is no limits\.places\[1\]\.fil, expected file, function, .*; did you mean file\?/],
  [{ limits: { places: [{ gapMaxMs: 1 }] } }, /limits\.places\[0\] is \{"gapMaxMs":1\}, expected file or function/],
  [{ limits: { places: [{ file: 'src/**' }] } }, /limits\.places\[0\] is .*, expected a limit in it: transactionMaxMs/],
  [{ rules: { 'await-in-transactions': 'off' } }, /there is no rules\["await-in-transactions"\], expected await-in-transaction, .*; did you mean await-in-transaction\?/],
  [{ rules: { 'await-in-transaction': 'warn' } }, /rules\["await-in-transaction"\] is "warn", expected "error", "warning", "off"; did you mean warning\?/],
  [{ ignore: [{ fingerprint: '0123456789abcdef' }] }, /ignore\[0\]\.reason is missing, expected the reason why it may stay, in words\n/],
  [{ ignore: [{ fingerprint: '0123456789abcdef', reason: ' ' }] }, /ignore\[0\]\.reason is "", expected the reason/],
  [{ ignore: [{ fingerprint: 'abc', reason: 'x' }] }, /ignore\[0\]\.fingerprint is "abc", expected a fingerprint: 16 letters and digits/],
  [{ ignore: {} }, /ignore is \{\}, expected a list/],
  [{ baselineGrowth: 'fial' }, /baselineGrowth is "fial", expected "allow" or "fail"; did you mean fail\?/],
  [{ thresholds: { transactionsMs: 1 } }, /there is no thresholds\.transactionsMs, expected .*; did you mean transactionMs\?/],
  [[], /the configuration is \[\], expected an object/],
  [{ rules: [] }, /rules is \[\], expected an object: \{ "rule": "error" \}\n/],
  [{ limits: { places: [[]] } }, /limits\.places\[0\] is \[\], expected an object with file or function, and limits\n/],
  [{ limit: {}, links: {}, rule: {}, limits: { gapMax: 1, wait: 2, gapMaxMs: 3 } }, /there is no limits\.gapMax, expected .* \(and 3 more: limits\.wait, limit, rule\)\n/],
  [{ limits: { gapMaxMs: 'x', waitP99Ms: 'y' }, bogus: 1 }, /limits\.gapMaxMs is "x", expected .* \(and 2 more: limits\.waitP99Ms, bogus\)/],
];

for (const [config, said] of MISTAKES) {
  test(`a mistake is named with its place: ${JSON.stringify(config)}`, async (t) => {
    const cwd = folderWith(t, { 'lifeguard.config.json': JSON.stringify(config), '1.ndjson': traceWithAwait() });
    const result = await lifeguard(t, ['check', '1.ndjson'], { cwd });
    isOneLine(t, result, said);
    t.regex(result.stderr, /^lifeguard: lifeguard\.config\.json:1:\d+: /);
  });
}

const OFF = { rules: { 'await-in-transaction': 'off' } };

const FILES: [name: string, text: string][] = [
  ['lifeguard.config.json', JSON.stringify(OFF)],
  ['lifeguard.config.mjs', `export default ${JSON.stringify(OFF)};`],
  ['lifeguard.config.js', `module.exports = ${JSON.stringify(OFF)};`],
  ['lifeguard.config.cjs', `module.exports = ${JSON.stringify(OFF)};`],
];

for (const [name, text] of FILES) {
  test(`${name} is found from a folder below`, async (t) => {
    const cwd = folderWith(t, { 'package.json': '{}', [name]: text, 'deep/er/1.ndjson': traceWithAwait() });
    const said = await lifeguard(t, ['check', '1.ndjson'], { cwd: join(cwd, 'deep/er') });
    t.is(said.status, 0, said.stdout + said.stderr);
    t.notRegex(said.stdout, /orders\.js/);
  });
}

test('a TypeScript configuration: with a Node that runs it, else one line that says what to do', async (t) => {
  const cwd = folderWith(t, { 'lifeguard.config.ts': `const off: string = 'off';\nexport default { rules: { 'await-in-transaction': off } };`, '1.ndjson': traceWithAwait() });
  const said = await lifeguard(t, ['check', '1.ndjson'], { cwd });
  if ((process.features as { typescript?: unknown }).typescript) t.is(said.status, 0, said.stdout);
  else isOneLine(t, said, /lifeguard\.config\.ts needs a Node that runs TypeScript \(22\.18 or later\), this is v\d+.*: call it lifeguard\.config\.mjs and take the types out, or start with npx tsx/);
});

test('--config names another file, and a baseline in it is relative to it', async (t) => {
  const cwd = folderWith(t, { 'ci/strict.json': '{"baseline":"known.json"}', '1.ndjson': traceWithAwait() });
  const missing = await lifeguard(t, ['check', '1.ndjson', '--config', 'ci/strict.json'], { cwd });
  isOneLine(t, missing, /there is no baseline ci\/known\.json; lifeguard check --update-baseline writes it/);
  const written = await lifeguard(t, ['check', '1.ndjson', '--config', 'ci/strict.json', '--update-baseline'], { cwd });
  t.is(written.status, 0, written.stderr);
  t.true(readFileSync(join(cwd, 'ci/known.json'), 'utf8').includes('placeOrder'));
});

const UNREADABLE: [name: string, files: Record<string, string>, words: string[], said: RegExp][] = [
  ['one that does not exist', {}, ['--config', 'no.json'], /--config is "no\.json", and there is no such file/],
  ['one of an unknown kind', { 'c.yaml': '' }, ['--config', 'c.yaml'], /--config is "c\.yaml", expected a file whose name ends in \.json, \.js, \.mjs, \.cjs, \.ts, \.mts, \.cts/],
  ['one of another program', { 'package.json': '{"lifeguard":{}}' }, ['--config', 'package.json'], /--config is "package\.json", expected a file whose name ends in/],
  ['two of them', { 'lifeguard.config.json': '{}', 'lifeguard.config.mjs': 'export default {};' }, [], /lifeguard\.config\.json and lifeguard\.config\.mjs are both there, and only one can count: delete one, or name it with --config/],
  ['no JSON', { 'lifeguard.config.json': '{ limits: 3 }' }, [], /lifeguard\.config\.json:1:3 is no JSON: /],
  ['JSON with a comment', { 'lifeguard.config.json': '{\n  // no\n  "limits": {}\n}' }, [], /lifeguard\.config\.json:2:3 is no JSON: /],
  ['JSON with a comment first', { 'lifeguard.config.json': '// no\n{}' }, [], /lifeguard\.config\.json:1:1 is no JSON: Unexpected token '\/'\n/],
  ['JSON that is not done', { 'lifeguard.config.json': '{\n  "limits": {' }, [], /lifeguard\.config\.json:2:14 is no JSON: /],
  ['a word that is none of JSON', { 'lifeguard.config.json': '{\n  "limits": { "gapMaxMs": nope }\n}' }, [], /lifeguard\.config\.json:2:28 is no JSON: /],
  ['an empty one', { 'lifeguard.config.json': '' }, [], /lifeguard\.config\.json is empty, expected an object/],
  ['one without a default export', { 'lifeguard.config.mjs': 'export const limits = {};' }, [], /lifeguard\.config\.mjs is empty, expected export default/],
  ['one with an error in it', { 'lifeguard.config.mjs': 'export default {\n  limits: {},\n  rules {},\n};' }, [], /lifeguard\.config\.mjs:3 cannot be loaded: SyntaxError: /],
  ['one that throws', { 'lifeguard.config.mjs': '\nthrow new Error("no env")' }, [], /lifeguard\.config\.mjs:2:7 cannot be loaded: Error: no env/],
  ['one that imports what is not there', { 'lifeguard.config.mjs': 'import "no-such-package";' }, [], /lifeguard\.config\.mjs cannot be loaded: Error: Cannot find package 'no-such-package'/],
];

for (const [name, files, words, said] of UNREADABLE) {
  test(`a configuration that cannot be read, ${name}: one line, exit 2`, async (t) => {
    const cwd = folderWith(t, { ...files, '1.ndjson': cleanTrace() });
    isOneLine(t, await lifeguard(t, ['check', '1.ndjson', ...words], { cwd }), said);
  });
}

test('run: a mistake in the configuration costs no run', async (t) => {
  const cwd = folderWith(t, { 'lifeguard.config.json': '{"limit":{}}' });
  const said = await lifeguard(t, ['run', '--', process.execPath, '-e', 'console.log("ran")'], { cwd });
  isOneLine(t, said, /there is no limit, expected/);
});

test('numbers that JSON does not have are shown as they are', async (t) => {
  for (const [written, said] of [['NaN', /gapMaxMs is NaN, expected/], ['10n', /gapMaxMs is 10n, expected/], ['undefined', null]] as const) {
    const cwd = folderWith(t, { 'lifeguard.config.mjs': `export default { limits: { gapMaxMs: ${written} } };`, '1.ndjson': cleanTrace() });
    const result = await lifeguard(t, ['check', '1.ndjson'], { cwd });
    if (said === null) t.is(result.status, 0, result.stderr);
    else isOneLine(t, result, said);
  }
});

test('JSON behind the mark that some editors put before it', async (t) => {
  const cwd = folderWith(t, { 'lifeguard.config.json': `\ufeff${JSON.stringify(OFF)}`, '1.ndjson': traceWithAwait() });
  t.is((await lifeguard(t, ['check', '1.ndjson'], { cwd })).status, 0);
  const wrong = folderWith(t, { 'lifeguard.config.json': '\ufeff{\n  "limits": { "gapMaxMs": "x" }\n}', '1.ndjson': traceWithAwait() });
  isOneLine(t, await lifeguard(t, ['check', '1.ndjson'], { cwd: wrong }), /json:2:15: limits\.gapMaxMs is "x"/);
});

const PLACES: [name: string, text: string, said: RegExp][] = [
  ['lifeguard.config.json', '{\n  "limits": { "waitP99Ms": 1 },\n  "ignore": [\n    { "fingerprint": "0123456789abcdef", "reason": "a \\"}\\" b" },\n    { "fingerprint": "0123456789abcdef", "reason": "x", "maxms": 1 }\n  ]\n}', /json:5:57: there is no ignore\[1\]\.maxms,/],
  ['lifeguard.config.json', '{\n  "rules": {},\n  "limits": { "gapMaxMs": "x" },\n  "bogus": 1\n}', /json:3:15: limits\.gapMaxMs is "x".*\(and 1 more: bogus in line 4\)/],
  ['lifeguard.config.json', '{\n  "ignore": [{ "fingerprint": "0123456789abcdef" }]\n}', /json:2:14: ignore\[0\]\.reason is missing/],
  ['lifeguard.config.json', '{\n  "limits": {,}\n}', /json:2:14 is no JSON: /],
  ['lifeguard.config.mjs', 'export default {\n  // waitP99Ms has to wait\n  limits: { waitP99MS: 1 },\n};', /mjs:3:13: there is no limits\.waitP99MS/],
  ['lifeguard.config.mjs', 'const gapMaxMs = "x";\nexport default { limits: { gapMaxMs } };', /mjs: limits\.gapMaxMs is "x"/],
];

for (const [name, text, said] of PLACES) {
  test(`a mistake is named with its line, where that is sure: ${name} ${said.source}`, async (t) => {
    const cwd = folderWith(t, { [name]: text, '1.ndjson': traceWithAwait() });
    isOneLine(t, await lifeguard(t, ['check', '1.ndjson'], { cwd }), said);
  });
}

test('init: a configuration that changes nothing, with every key; never overwritten unasked', async (t) => {
  const cwd = folderWith(t, { '1.ndjson': cleanTrace() });
  const said = await lifeguard(t, ['init'], { cwd });
  t.is(said.status, 0, said.stderr);
  const file = join(cwd, 'lifeguard.config.mjs');
  const text = readFileSync(file, 'utf8');
  t.is((await lifeguard(t, ['check', '1.ndjson'], { cwd })).status, 0);
  const written: { default: unknown } = await import(pathToFileURL(file).href);
  t.deepEqual(checkConfig(written.default), { config: { limits: {}, rules: {}, ignore: [], links: {}, thresholds: {} } } as ReturnType<typeof checkConfig>);

  isOneLine(t, await lifeguard(t, ['init'], { cwd }), /there is a lifeguard\.config\.mjs already; --force overwrites it/);
  t.is((await lifeguard(t, ['init', '--force'], { cwd })).status, 0);
  t.is(readFileSync(file, 'utf8'), text);
});

test('init: with its examples taken in, the configuration has every key and is valid', async (t) => {
  const { writeTemplate } = await import('../../cli/report/config-template.js');
  // Lines that look like code, no longer commented out.
  const text = writeTemplate().replace(/^(\s*)\/\/ (?=['\w-]+: [\d'[]|\{ |\],|  \{)/gm, '$1');
  const cwd = folderWith(t, { 'all.mjs': text });
  const { default: config }: { default: Record<string, unknown> } = await import(pathToFileURL(join(cwd, 'all.mjs')).href);
  t.true('config' in checkConfig(config), JSON.stringify(checkConfig(config)));
  t.deepEqual(Object.keys(config).toSorted(), Object.keys(CONFIG_SCHEMA.entries).filter((key) => key !== '$schema').toSorted());
  for (const key of ['limits', 'rules', 'links', 'thresholds'] as const) {
    const schema = CONFIG_SCHEMA.entries[key].wrapped;
    t.deepEqual(Object.keys(config[key] as object).toSorted(), Object.keys(schema.entries).toSorted());
  }
});

test('init: not beside a configuration of another name', async (t) => {
  const cwd = folderWith(t, { 'lifeguard.config.json': '{}' });
  isOneLine(t, await lifeguard(t, ['init', '--force'], { cwd }), /there is a lifeguard\.config\.json already, and only one is read/);
});
