/** Node's event files as one that clinic's decoder can read. */
import test from 'ava';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatherEvents } from '../../reports/deep/gather-events.js';
import { temporaryFolder } from '../support/folder.js';

interface Event {
  tid: number;
  name: string;
  id: string;
  args: { data: { triggerAsyncId: number } };
}

function event(tid: number, id: number, triggerAsyncId: number, category = 'node,node.async_hooks'): string {
  return JSON.stringify({ pid: 7, tid, ts: id, ph: 'b', cat: category, name: 'PROMISE', id: `0x${id.toString(16)}`, args: { data: { triggerAsyncId, executionAsyncId: 1 } } });
}

test('of several files, one; the main thread only; what hangs on nothing hangs on the root; a cut-off end is left out', async (t) => {
  const folder = temporaryFolder(t);
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const files = [
    write('1', `{"traceEvents":[${[event(7, 20, 1), event(9, 2, 1), event(7, 21, 20), event(7, 22, 5), event(7, 30, 1, 'node')].join(',')}]}`),
    write('2', `{"traceEvents":[${[event(7, 23, 21), event(7, 24, 1)].join(',').slice(0, -10)}`),
  ];
  t.is(await gatherEvents(files, join(folder, 'all')), 4);
  const { traceEvents } = JSON.parse(readFileSync(join(folder, 'all'), 'utf8')) as { traceEvents: Event[] };
  t.deepEqual(traceEvents.map(({ tid, id, args }) => [tid, Number(id), args.data.triggerAsyncId]), [[7, 20, 1], [7, 21, 20], [7, 22, 1], [7, 23, 21]]);
});

test('files that hold none', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'empty'), '');
  t.is(await gatherEvents([join(folder, 'empty')], join(folder, 'all')), 0);
});
