import test from 'ava';
import { exampleFor } from '../../reports/advice/examples.js';
import type { CallSite, Finding, RuleId } from '../../reports/model.js';
import { RULE_IDS } from '../../reports/model.js';

const SITE: CallSite = { file: 'src/orders.js', line: 3, column: 9, function: 'async Shop.placeOrder' };

function findingOf(rule: RuleId, statements: string[] = [], facts: Finding['evidence']['facts'] = {}): Finding {
  return { rule, severity: 'error', fingerprint: '0', title: '', callSite: SITE, frames: [SITE], via: null, count: 1, totalMs: 1, maxMs: 1, advice: '', evidence: { shareOfUse: null, examples: [], decomposition: null, statements, facts } };
}

const sourceOf = (line: string): Parameters<typeof exampleFor>[1] => new Map([['src/orders.js:3', { file: SITE.file, firstLine: 2, lines: ['', line, ''] }]]);

const LINES: [line: string, before: RegExp][] = [
  ['  const stock = await fetch(`${URL}/stock/${id}`);', /^const stock = await fetch\(`\$\{URL\}\/stock\/\$\{id\}`\); \/\/ all wait for GET x/m],
  ['  const { a, b } = await load({ id, deep: [1, ")"] }); // why', /^const \{ a, b \} = await load\(\{ id, deep: \[1, "\)"\] \}\); \/\/ all wait/m],
  ['  return (await api.get<Price[]>(id)).price;', /^await placeOrder\(…\);/m],
  ['  return await api.get<Price[]>(id).json();', /^await api\.get\(id\)\.json\(\);/m],
  ['  const rows = await many(', /^await placeOrder\(…\);/m],
  ['  somethingElse();', /^await placeOrder\(…\);/m],
];

for (const [line, before] of LINES) {
  test(`an await is moved as its line has it: ${line.trim()}`, (t) => {
    const code = exampleFor(findingOf('await-in-transaction', ['begin', 'select now()', "insert into orders values ('x')"], { awaited: 'GET x' }), sourceOf(line));
    t.regex(code?.before ?? '', before);
    const [moved] = before.exec(code?.before ?? '') ?? [''];
    const call = moved.replace(/ \/\/.*$/, '');
    t.true((code?.after ?? '').startsWith(call), code?.after);
    t.regex(code?.before ?? '', /'BEGIN'[\s\S]*'select now\(\)'[\s\S]*insert into orders values \(\\'x\\'\)[\s\S]*'COMMIT'/);
    t.notRegex(code?.before ?? '', /'begin'/);
  });
}

test('of every rule whose way out is code there is some, with and without words', (t) => {
  const without = RULE_IDS.filter((rule) => exampleFor(findingOf(rule), new Map()) === null);
  t.deepEqual(without, ['pool-starvation', 'pool-overcommit']);
  for (const rule of RULE_IDS) {
    const code = exampleFor(findingOf(rule, ['select * from a where b = $1', 'begin'], { timesMax: 30 }), sourceOf('  await pool.query(text);'));
    if (code === null) continue;
    t.not(code.before, code.after, rule);
    for (const text of [code.before, code.after]) t.is(text.split('(').length, text.split(')').length, text);
  }
});
