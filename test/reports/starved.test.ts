/** A thread without a processor looks as if it were blocked: what the system says of that is nobody's line. */
import test, { type ExecutionContext } from 'ava';
import { analyse } from '../../reports/analyse.js';
import { directoryWith, findingsOf, toNdjson } from './support/analyse-text.js';
import { traceOf } from './support/trace-text.js';

const BLOCKED = `pool 1 max 2 timeout 5000
  checkout 1 from 0 use 3000
    0..1 sql select 1
    2990..2991 sql select 2
  blocked 500..1500 at crunch@/app/a.js:7
  end 0 at 4000`;

async function blocksIn(t: ExecutionContext, starvedMs: number): Promise<[string, number][]> {
  const lines = traceOf(BLOCKED);
  const at = lines.findIndex(({ type }) => type === 'end');
  const starved = starvedMs === 0 ? [] : [{ type: 'starved' as const, t: 500, ms: starvedMs }];
  const analysis = await analyse([directoryWith(t, { '0.ndjson': toNdjson([...lines.slice(0, at), ...starved, ...lines.slice(at)]) })]);
  return findingsOf(analysis, 'event-loop-blocked').map(({ severity, totalMs }) => [severity, totalMs]);
}

test('only what the thread itself took counts', async (t) => {
  t.deepEqual(await blocksIn(t, 0), [['warning', 1000]]);
  t.deepEqual(await blocksIn(t, 300), [['warning', 700]]);
  t.deepEqual(await blocksIn(t, 980), []);
});
