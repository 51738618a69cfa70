import test from 'ava';
import type { TraceHeader } from '../../probes/trace/events.js';
import { readStarts } from '../../reports/timeline/starts.js';

const HOUR = 3_600_000;
const header = (startedAt: number, boot?: TraceHeader['boot']): TraceHeader => ({
  type: 'trace', version: 1, tool: '1', startedAt, pid: 1, ppid: 0, thread: 0, node: 'v20', platform: 'linux', cwd: '/', script: '', ...(boot === undefined ? {} : { boot }),
});

const CASES: Record<string, { headers: TraceHeader[]; starts: [atMs: number, setMs: number][] }> = {
  'a clock that was not set': { headers: [header(9 * HOUR, ['a', 500]), header(9 * HOUR + 250, ['a', 750])], starts: [[9 * HOUR, 0], [9 * HOUR + 250, 0]] },
  'a clock that is kept in step': { headers: [header(9 * HOUR, ['a', 500]), header(9 * HOUR + 950, ['a', 750])], starts: [[9 * HOUR, 0], [9 * HOUR + 950, 0]] },
  'set back': { headers: [header(9 * HOUR, ['a', 500]), header(7 * HOUR + 250, ['a', 750])], starts: [[9 * HOUR, 0], [9 * HOUR + 250, -2 * HOUR]] },
  'set forward, and the first comes last': { headers: [header(11 * HOUR + 250, ['a', 750]), header(9 * HOUR, ['a', 500])], starts: [[9 * HOUR + 250, 2 * HOUR], [9 * HOUR, 0]] },
  'two machines': { headers: [header(9 * HOUR, ['a', 500]), header(7 * HOUR, ['b', 750])], starts: [[9 * HOUR, 0], [7 * HOUR, 0]] },
  'systems that do not tell': { headers: [header(9 * HOUR), header(7 * HOUR), header(8 * HOUR, ['a', 1])], starts: [[9 * HOUR, 0], [7 * HOUR, 0], [8 * HOUR, 0]] },
};

for (const [name, { headers, starts }] of Object.entries(CASES)) {
  test(name, (t) => {
    t.deepEqual(readStarts(headers.map((one) => ({ header: one }))).map(({ atMs, setMs }) => [atMs, setMs]), starts);
  });
}
