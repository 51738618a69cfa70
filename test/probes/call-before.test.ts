import test from 'ava';
import { callBefore } from '../../probes/recorder/call-before.js';

/** In each, «» stands where the thread was seen, ‹› where it was before; without the latter nothing is to be found. */
const CASES = [
  'const rows = JSON.‹›parse(text);\nreturn «»after(rows);',
  'function load(text) {\n  const rows = JSON.‹›parse(text);\n  // after(the rows)\n  return «»after(rows);\n}',
  'return «»after(JSON.‹›parse(text));',
  'return «»after(first(1), JSON.‹›parse(text), 3);',
  'rows.‹›forEach((row) => { seen(row); });\n«»after();',
  'if (‹›check(text)) {\n  «»after();\n}',
  'while (!done) {\n  done = addon.‹›run();\n  if (done) «»after();\n}',
  'const text = "a (b";\nconst clone = ‹›structuredClone(rows) /* c( */;\n«»after(clone);',
  'const text = `a (b ${c(1)}`;\nconst x = ‹›structuredClone(rows);\nthis.«»after(x);',
  'before();\nfunction load() {\n  «»after();\n}',
  'before();\nconst load = async (text) => {\n  «»after(text);\n}',
  'class A {\n  first() { before(); }\n  async load(text) {\n    «»after(text);\n  }\n}',
  'obj?.‹›call?.(1);\nawait «»after();',
  'first(); second();\nnext(); ‹›last(first(), second());\n\n\n«»after();',
  'const n = 1;\n«»after();',
];

for (const marked of CASES) {
  test(marked.split('\n').join(' ⏎ '), (t) => {
    const source = marked.replaceAll('«»', '').replaceAll('‹›', '');
    const position = (mark: string, other: string): { line: number; column: number } | null => {
      const at = marked.replaceAll(other, '').indexOf(mark);
      const before = marked.replaceAll(other, '').slice(0, Math.max(0, at)).split('\n');
      return at < 0 ? null : { line: before.length, column: (before.at(-1) ?? '').length + 1 };
    };
    t.deepEqual(callBefore(source, position('«»', '‹›') ?? { line: 0, column: 0 }), position('‹›', '«»'));
  });
}
