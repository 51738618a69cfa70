import test from 'ava';
import { joinBlocks, showControls } from '../../reports/renderers/terminal-text.js';
import { clip, clipStart, columnsOf, wrap } from '../../reports/renderers/wrap.js';

test('columns, not characters: East Asia takes two, an accent of its own none', (t) => {
  const widths = { order: 5, 注文する: 8, 'ünï': 3, 'u\u0308': 1, '😀': 2, '한글': 4, 'ｱ': 1, '→ │ 日': 6, 'Ω': 1 };
  for (const [text, columns] of Object.entries(widths)) t.is(columnsOf(text), columns, text);
});

test('lines are as wide as the terminal, and no character is torn apart', (t) => {
  t.deepEqual(wrap('注文する waits for it', 12), ['注文する', 'waits for it']);
  t.deepEqual(wrap('order waits', 11), ['order waits']);
  for (const text of ['😀😀😀😀', '注文する', 'a😀b注c', 'abcdefgh']) {
    for (const width of [1, 2, 3, 4, 5, 8, 9]) {
      for (const cut of [clip(text, width), clipStart(text, width)]) {
        t.true(columnsOf(cut) <= width, `${cut} in ${width}`);
        t.notRegex(cut, /\p{Surrogate}/u);
      }
    }
  }
  t.is(clip('abcdef', 4), 'abc…');
  t.is(clipStart('abcdef', 4), '…def');
  t.is(clip('abcd', 4), 'abcd');
});

test('colours stay where there are any; all else that steers a terminal is spelled out', (t) => {
  t.is(showControls('\u001b[31mred\u001b[39m \u001b[2J\u0007\n', true), '\u001b[31mred\u001b[39m \\u{1b}[2J\\u{7}\n');
  t.is(showControls('\u001b[31mred', false), '\\u{1b}[31mred');
  t.is(joinBlocks([['a', 'b'], [], ['c']], false), 'a\nb\n\nc\n');
});
