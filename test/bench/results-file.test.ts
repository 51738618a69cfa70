import test from 'ava';
import { BY_HAND, replaceTables } from './results-file.js';

const COUNTED = `${BY_HAND}\n\n| suite | tests |\n`;

test('new tables take the place of the old ones, and of nothing else', (t) => {
  const first = replaceTables(`# Anything\n\n${COUNTED}`, 'old table\n');
  const second = replaceTables(first, 'new table\n\n');
  t.true(first.includes('old table'));
  t.is(second, first.replace('old table', 'new table'));
  t.true(second.endsWith(`\nnew table\n\n${COUNTED}`));
});

test('a file without counts gets tables only', (t) => {
  const text = replaceTables('', 'a table');
  t.true(text.endsWith('\n\na table\n'));
  t.is(replaceTables(text, 'a table'), text);
});

test('the heading is looked for at the start of a line', (t) => {
  t.false(replaceTables(`see ${BY_HAND}\n`, 'a table').includes('see'));
  t.true(replaceTables(COUNTED, 'a table').endsWith(COUNTED));
});
