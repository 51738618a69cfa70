import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import test from 'ava';
import type { TraceHeader, TraceLine } from '../../probes/trace/events.js';
import { analyse } from '../../reports/analyse.js';
import { findTraces } from '../../reports/read/find-traces.js';
import { readLines } from '../../reports/read/read-lines.js';
import { readTrace } from '../../reports/read/read-trace.js';
import { TraceError } from '../../reports/read/trace-error.js';
import { directoryWith, toNdjson } from './support/analyse-text.js';
import { traceOf } from './support/trace-text.js';

const LINES = traceOf(`
  pool 1 max 2
  checkout 1 from 0 use 10
    1..2 sql select ünïcode
  checkout 2 from 20 use 10
  end 0 at 40`);
const TEXT = toNdjson(LINES);

test('a trace is the same plain, gzipped and gzipped in pieces', async (t) => {
  const cut = TEXT.indexOf('ünï') + 5;
  const directory = directoryWith(t, {
    'a.ndjson': TEXT,
    'b.ndjson.gz': gzipSync(TEXT),
    // The name does not matter, and a recorder may append one compressed piece after the other.
    'c.trace': Buffer.concat([gzipSync(TEXT.slice(0, cut)), gzipSync(TEXT.slice(cut))]),
  });
  const plain = await readTrace(join(directory, 'a.ndjson'));
  t.is(plain.checkouts.length, 2);
  t.true([...plain.statements.values()].includes('select ünïcode'));
  t.is(plain.exitCode, 0);
  for (const name of ['b.ndjson.gz', 'c.trace']) {
    const file = join(directory, name);
    t.deepEqual({ ...(await readTrace(file)), file: plain.file }, plain, name);
  }
});

test('the number of a backend has a sign: PgBouncer makes any up', async (t) => {
  const lines = traceOf('pool 1 max 2\nconnection 1 connecting 0 connected 1');
  for (const line of lines) if (line.type === 'connection' && line.state === 'connected') line.backend = -798_387_112;
  const trace = await readTrace(join(directoryWith(t, { 'a.ndjson': toNdjson(lines) }), 'a.ndjson'));
  t.deepEqual(trace.unreadable, []);
  t.is(trace.connections.find(({ state }) => state === 'connected')?.backend, -798_387_112);
});

test('lines longer than a chunk, and characters across its edge, come whole', async (t) => {
  const long = 'é'.repeat(300_000);
  const directory = directoryWith(t, { 'long.ndjson': `a\n${long}\n\nb\nrest ${long}` });
  const lines: string[] = [];
  const { rest } = await readLines(join(directory, 'long.ndjson'), {
    takeQuickly: () => -1,
    take: (bytes, start, end, line) => void lines.push(`${line} ${bytes.toString('utf8', start, end)}`),
    skip: () => t.fail(),
  });
  t.deepEqual(lines, ['1 a', `2 ${long}`, '4 b']);
  t.is(rest.toString(), `rest ${long}`);
});

test('of a file that was cut off, plain or gzipped, what is there is read, and that it was is said', async (t) => {
  const last = TEXT.lastIndexOf('{');
  const directory = directoryWith(t, {
    'plain.ndjson': TEXT.slice(0, last + 9),
    'whole-but-for-newline.ndjson': TEXT.trimEnd(),
    'packed.ndjson.gz': gzipSync(TEXT).subarray(0, -8),
    'packed-cut.ndjson.gz': gzipSync(TEXT).subarray(0, -40),
  });
  const plain = await readTrace(join(directory, 'plain.ndjson'));
  t.is(plain.exitCode, null);
  t.deepEqual(plain.unreadable, [{ file: plain.file, lines: 0, firstLine: null, stopped: { afterLine: TEXT.trimEnd().split('\n').length - 1, reason: 'it is cut off in the middle of a line' } }]);
  t.is(plain.checkouts.length, 2);
  t.is((await readTrace(join(directory, 'packed-cut.ndjson.gz'))).unreadable[0]?.stopped?.reason, 'it is cut off in the middle of a line');
  const whole = await readTrace(join(directory, 'whole-but-for-newline.ndjson'));
  t.is(whole.exitCode, 0);
  t.is(whole.unreadable.length, 0);
  t.is((await readTrace(join(directory, 'packed.ndjson.gz'))).unreadable.length, 0);
});

test('bad lines are counted, unknown ones are not', async (t) => {
  const [header, ...rest] = TEXT.trimEnd().split('\n');
  const odd = ['not json', '[1,2', '{"type":"checkout","id":9}', '{"type":"pool","id":3}', '42', '{"type":"weather","rain":true}', '{"type":"later","t":5}'];
  const directory = directoryWith(t, { 'a.ndjson': `${[header, ...odd, ...rest].join('\n')}\n` });
  const trace = await readTrace(join(directory, 'a.ndjson'));
  t.deepEqual(trace.unreadable, [{ file: trace.file, lines: 5, firstLine: 2, stopped: null }]);
  t.is(trace.checkouts.length, 2);
});

test('the parts of a checkout are put together', async (t) => {
  const header = LINES[0] as TraceLine;
  const part = { type: 'checkout', id: 7, t: 100, pool: 1, via: 'connect' } as const;
  const lines: TraceLine[] = [
    header,
    { type: 'statement', id: 1, text: 'BEGIN' },
    { type: 'statement', id: 2, text: 'COMMIT' },
    { ...part, connection: 3, waitMs: 0, q: [[1, 1, 1, 'T']], gaps: [{ t: 2, ms: 50, waits: [], open: true }], running: null },
    // A later part repeats no more than it must.
    { type: 'checkout', id: 7, t: 100, gaps: [{ t: 2, ms: 80, waits: [{ t: 2, ms: 80, kind: 'timer' }] }], running: [2, 82, 0] } as TraceLine,
    { ...part, q: [[2, 82, 3]], running: null },
    { ...part, useMs: 90, outcome: 'released' },
  ];
  const directory = directoryWith(t, { 'a.ndjson': toNdjson(lines) });
  const { timeline } = await analyse([directory]);
  const [checkout] = timeline.checkouts;
  t.is(timeline.checkouts.length, 1);
  t.deepEqual(checkout?.queries.map(({ statement, ms, status }) => [statement.text, ms, status]), [['BEGIN', 1, 'T'], ['COMMIT', 3, 'I']]);
  t.deepEqual(checkout?.gaps.map(({ ms, waits, open }) => [ms, waits.length, open]), [[1, 0, false], [80, 1, false], [5, 0, false]]);
  t.is(checkout?.endedMs, 190);
});

test('a part that says what others say has ended comes too late: it is not taken', async (t) => {
  const part = { type: 'checkout', id: 7, t: 100, pool: 1, via: 'connect' } as const;
  const parts: TraceLine[] = [
    { ...part, connection: 3, waitMs: 0, running: [1, 1, 0] },
    { ...part, q: [[1, 1, 1, 'T']], running: [2, 3, 0] },
  ];
  const read = async (...lines: TraceLine[]): Promise<unknown> => {
    const trace = await readTrace(join(directoryWith(t, { 'a.ndjson': toNdjson([LINES[0] as TraceLine, ...lines]) }), 'a.ndjson'));
    return [[...trace.checkouts.running.values()], trace.unreadable.map(({ firstLine }) => firstLine)];
  };
  t.deepEqual(await read(...parts), [[[2, 3, 0]], []]);
  t.deepEqual(await read(...parts.toReversed()), [[[2, 3, 0]], [3]]);
  t.deepEqual(await read(...parts, ...parts), [[[2, 3, 0]], [4]]);
});

test('a block that is written several times counts once, as its last line has it', async (t) => {
  const header = LINES[0] as TraceLine;
  const lines: TraceLine[] = [
    header,
    { type: 'stack', id: 1, frames: [['first', '/app/a.js', 1, 1]] },
    { type: 'blocked', t: 100, ms: 200, open: true },
    // The watchdog numbers its own stacks.
    { type: 'stack', id: -1, frames: [['second', '/app/a.js', 2, 1]] },
    { type: 'blocked', t: 100, ms: 1200, stack: -1, late: true, open: true },
    { type: 'blocked', t: 2000, ms: 60, stack: 1 },
    { type: 'blocked', t: 100, ms: 1800, stack: -1, late: true },
    { type: 'blocked', t: 3000, ms: 500, open: true },
    { type: 'blocked', t: 3000, ms: 1500, open: true },
  ];
  const directory = directoryWith(t, { 'a.ndjson': toNdjson(lines) });
  const { timeline } = await analyse([directory]);
  const [recording] = timeline.recordings;
  t.deepEqual(recording?.blocked.map(({ startMs, ms, stack, late, open }) => [startMs, ms, stack?.frames[0]?.function, late, open]), [
    [100, 1800, 'second', true, undefined],
    [2000, 60, 'first', undefined, undefined],
    [3000, 1500, undefined, undefined, true],
  ]);
  t.is(timeline.endMs, 4500);
});

test('errors are one line that says what was read and what is allowed', async (t) => {
  const header = JSON.stringify(LINES[0]);
  const directory = directoryWith(t, {
    'empty/readme.txt': 'x',
    'killed/a.ndjson': '',
    'csv.ndjson': 'a;b;c\n1;2;3\n',
    'other.ndjson': '{"type":"log"}\n',
    'cut.ndjson': header.slice(0, 40),
    'newer.ndjson': `${header.replace('"version":1', '"version":2')}\n`,
    'broken.ndjson.gz': Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('no gzip')]),
  });
  const expected: [string, RegExp][] = [
    ['nothing-there', /^no such file or directory: .*nothing-there$/],
    ['empty', /^no trace in .*empty: expected \*\.ndjson or \*\.ndjson\.gz/],
    ['killed', /^no trace in .*killed:/],
    ['csv.ndjson', /csv\.ndjson is no pg-lifeguard trace: its first line is not /],
    ['other.ndjson', /is no pg-lifeguard trace/],
    ['cut.ndjson', /is no pg-lifeguard trace: it has no whole line/],
    ['newer.ndjson', /has trace format 2; this version reads format 1: update pg-lifeguard/],
    ['broken.ndjson.gz', /^cannot read .*broken\.ndjson\.gz: /],
  ];
  for (const [name, message] of expected) {
    const error = await t.throwsAsync(analyse([join(directory, name)]), { instanceOf: TraceError }, name);
    t.regex(error?.message ?? '', message);
    t.notRegex(error?.message ?? '', /\n/);
  }
  await t.throwsAsync(analyse([]), { instanceOf: TraceError, message: /no trace given/ });
});

test('what is in a directory and no file is no trace; what cannot be read, and what would never end, is one line', async (t) => {
  const directory = directoryWith(t, { 'mixed/a.ndjson': TEXT, 'mixed/b.ndjson/notes.txt': 'x', 'dangling/a.ndjson': TEXT, 'loop/a.ndjson': TEXT });
  symlinkSync('/nowhere', join(directory, 'dangling/b.ndjson'));
  symlinkSync('b.ndjson', join(directory, 'loop/b.ndjson'));
  const expected: [string, RegExp][] = [
    ['dangling', /^no such file or directory: .*dangling.b\.ndjson$/],
    ['loop', /^cannot read .*loop.b\.ndjson: ELOOP/],
  ];
  if (process.platform !== 'win32') {
    for (const name of ['mixed/pipe.ndjson', 'pipe']) execFileSync('mkfifo', [join(directory, name)]);
    expected.push(['pipe', /pipe is neither a file nor a directory$/]);
  }
  t.deepEqual(await findTraces([join(directory, 'mixed')]), [join(directory, 'mixed/a.ndjson')]);
  for (const [name, message] of expected) await t.throwsAsync(findTraces([join(directory, name)]), { instanceOf: TraceError, message }, name);
});

/** The same trace once more, as another process's. */
const OTHER = TEXT.replace(/"pid":\d+/, '"pid":9999');
/** What follows the trace in another file. */
const SECOND = toNdjson([{ ...(LINES[0] as TraceHeader), part: 2, fromMs: 40 }, ...LINES.slice(1, -1)]).replaceAll(/"checkout","id":(\d),"t":(\d+)/g, (_, id: string, at: string) => `"checkout","id":1${id},"t":${Number(at) + 50}`);

test('what one trace holds twice counts once', async (t) => {
  const checkouts = async (files: Record<string, string | Buffer>): Promise<unknown> => {
    const { report, timeline } = await analyse([directoryWith(t, files)]);
    return [timeline.checkouts.length, report.run.processes.length, report.missing];
  };
  t.deepEqual(await checkouts({ 'a.ndjson': TEXT }), [2, 1, []]);
  t.deepEqual(await checkouts({ 'a.ndjson': TEXT, 'b.ndjson': OTHER }), [4, 2, []]);
  t.deepEqual(await checkouts({ 'a.ndjson': TEXT, 'b.ndjson': TEXT }), [2, 1, ['b.ndjson was not read: part 1 of its trace was read before, from a.ndjson']]);
  t.deepEqual(await checkouts({ 'a.ndjson': TEXT, 'a.ndjson.gz': gzipSync(TEXT) }), [2, 1, ['a.ndjson.gz was not read: part 1 of its trace was read before, from a.ndjson']]);
  t.deepEqual(await checkouts({ 'a.ndjson': TEXT + TEXT }), [2, 1, ['a.ndjson could not be read beyond line 6 (another trace begins there)']]);
  // Another one's lines are not this one's.
  t.deepEqual(await checkouts({ 'a.ndjson': TEXT + OTHER.replaceAll('"id":', '"id":7') }), [2, 1, ['a.ndjson could not be read beyond line 6 (another trace begins there)']]);
});

test('parts are one trace in whatever files they are, without those before one that is missing', async (t) => {
  const read = async (files: Record<string, string | Buffer>): Promise<unknown> => {
    const directory = directoryWith(t, files);
    const { report, timeline } = await analyse('x/a.ndjson' in files ? [directory, join(directory, 'x')] : [directory]);
    return [timeline.checkouts.map(({ requestedMs }) => requestedMs), report.run.processes.length, report.missing, report.notes.filter((note) => note.includes('not kept'))];
  };
  const whole = [[0, 20, 50, 70], 1, [], []];
  t.deepEqual(await read({ 'a.ndjson': TEXT, 'a.part2.ndjson': SECOND }), whole);
  t.deepEqual(await read({ 'a.ndjson': TEXT + SECOND }), whole);
  t.deepEqual(await read({ 'a.part2.ndjson.gz': gzipSync(SECOND), 'x/a.ndjson': TEXT }), whole);
  t.deepEqual(await read({ 'a.ndjson': TEXT, 'renamed.ndjson': SECOND }), whole);
  const third = SECOND.replace('"part":2', '"part":3');
  const missing = ['a.ndjson was not read: part 2 of its trace is missing, so that is read from a.part3.ndjson on'];
  const [, processes, said, notes] = (await read({ 'a.ndjson': TEXT, 'a.part3.ndjson': third })) as unknown[];
  t.deepEqual([processes, said], [1, missing]);
  t.regex(String(notes), /^the first 40 ms of .* were not kept$/);
});

test('files and directories may be mixed, each file counts once', async (t) => {
  const directory = directoryWith(t, { 'x/b.ndjson': TEXT, 'x/a.ndjson.gz': gzipSync(TEXT), 'x/notes.md': '', 'y.ndjson': TEXT });
  const files = await findTraces([join(directory, 'x'), join(directory, 'y.ndjson'), join(directory, 'x', 'b.ndjson')]);
  t.deepEqual(files.map((file) => file.slice(directory.length + 1)), ['x/a.ndjson.gz', 'x/b.ndjson', 'y.ndjson']);
});

