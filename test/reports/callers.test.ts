import test from 'ava';
import { callersOf } from '../../reports/callers.js';
import type { CallSite } from '../../reports/model.js';

const at = (place: string): CallSite => {
  const [file = '', line = '', column = '1'] = place.split(':');
  return { file, line: Number(line), column: Number(column), function: '' };
};

const callers = (...places: string[]): string[] => callersOf(places.map(at)).map(({ file, line }) => `${file}:${line}`);

test('who called is told from the first frame on that is not on the call site\'s own line', (t) => {
  t.deepEqual(callers('app.mjs:14', 'app.mjs:14', 'app.mjs:14', 'server.mjs:3'), ['server.mjs:3']);
  t.deepEqual(callers('app.mjs:14', 'app.mjs:14'), []);
});

test('another line of the file, the same line of another file, and a line that comes back later are callers', (t) => {
  t.deepEqual(callers('app.mjs:14', 'app.mjs:15', 'app.mjs:14'), ['app.mjs:15', 'app.mjs:14']);
  t.deepEqual(callers('app.mjs:14', 'other.mjs:14'), ['other.mjs:14']);
});

test('on the only line of a bundle, what is far apart is another place', (t) => {
  t.deepEqual(callers('bundle.cjs:1:4000', 'bundle.cjs:1:4030', 'bundle.cjs:1:95'), ['bundle.cjs:1']);
});

test('what nobody called, or nobody knows, has no callers', (t) => {
  t.deepEqual(callers('app.mjs:14'), []);
  t.deepEqual(callers(), []);
});
