import test from 'ava';
import { findReturn } from '../../reports/timeline/find-return.js';

/** `▸` is where the function begins, as V8 says it; it is not a part of the source. */
function lineOf(marked: string): number | null {
  const lines = marked.split('\n');
  const line = lines.findIndex((text) => text.includes('▸'));
  return findReturn(marked.replace('▸', ''), line + 1, (lines[line]?.indexOf('▸') ?? 0) + 1);
}

test('the only return of a function, in every way to write one', (t) => {
  t.is(lineOf('async function add▸(what) {\n  const row = { what };\n  return knex("audit").insert(row);\n}\nreturn 1;'), 3);
  t.is(lineOf('class A {\n  async add▸(what = ")", { a } = {}) {\n    // return nothing\n    if (!what) return;\n    return `\n${what}`;\n  }\n}'), 5);
  t.is(lineOf('const add = async ▸(what) => knex("audit").insert({ what });'), 1);
  t.is(lineOf('const add = async ▸(what) =>\n  knex("audit").insert({ what });'), 2);
  t.is(lineOf('const add = async ▸what => {\n\n  return 1;\n};'), 3);
  t.is(lineOf('async add▸(what: string): Promise<{ id: number }[]> {\n  return this.db.insert(what);\n}'), 2);
});

test('returns of functions within are not its own', (t) => {
  t.is(lineOf('async function add▸(list) {\n  const ids = list.map((one) => { return one.id; });\n  const inner = function () {\n    return 2;\n  };\n  for (const one of list) {\n    use(one);\n  }\n  return save(ids);\n}'), 9);
});

test('null where it cannot be told', (t) => {
  t.is(lineOf('async function add▸(what) {\n  if (what) return a();\n  return b();\n}'), null);
  t.is(lineOf('async function add▸(what) {\n  await b();\n}'), null);
  t.is(lineOf('async function add▸(what'), null);
  t.is(findReturn('one line', 7, 1), null);
});
