/** What reports make of traces that were recorded in deep mode. */
import test, { type ExecutionContext } from 'ava';
import { analyse } from '../../reports/analyse.js';
import type { DeepFile } from '../../reports/deep/model.js';
import { renderHtml } from '../../reports/html/render.js';
import type { Analysis } from '../../reports/model.js';
import { launchBrowser } from '../reports/html-support/browser.js';
import { directoryWith, toNdjson } from '../reports/support/analyse-text.js';
import { describeFindings } from '../reports/support/describe.js';
import { traceOf } from '../reports/support/trace-text.js';

const TEXT = `pool 1 max 2
  checkout 1 from 0 wait 5 use 1200 at handler@/app/app.js:10
    6..7 sql BEGIN -> T
    7..207 wait timer "200 ms" started pause@/app/app.js:12 < handler@/app/app.js:14 awaited handler@/app/app.js:14
    207..208 sql COMMIT
    208..1200 sql select pg_sleep(?)
  blocked 300..1100 at hash@/app/app.js:40
  end 0 at 1300`;

const DEEP: DeepFile = {
  version: 1,
  clinic: '10.0.0',
  graph: 'run.clinic.html',
  chains: [
    {
      checkout: 1,
      startMs: 7,
      ms: 200,
      waits: [{ startMs: 7, asyncId: 21 }],
      steps: [
        { asyncId: 9, type: 'HTTPINCOMINGMESSAGE', role: 'origin', executionAsyncId: 1, triggerAsyncId: 1, createdMs: -2, ranMs: null, stack: -1 },
        { asyncId: 21, type: 'Timeout', role: 'completed', executionAsyncId: 10, triggerAsyncId: 10, createdMs: 7.1, ranMs: 206.8, stack: 0 },
        { asyncId: 22, type: 'PROMISE', role: 'resumed', executionAsyncId: 10, triggerAsyncId: 20, createdMs: 7.2, ranMs: 206.9, stack: 1 },
      ],
    },
  ],
  stacks: [[['pause', '/app/app.js', 12, 5], ['handler', '/app/app.js', 14, 5]], [['handler', '/app/app.js', 14, 5]]],
};

/** @param deep text of the file beside the trace; null: there is none. */
async function analyseDeep(t: ExecutionContext, deep: string | null, hrtimeMs: number | undefined = 5000): Promise<Analysis> {
  const lines = traceOf(TEXT);
  const [header] = lines;
  if (header?.type === 'trace' && hrtimeMs > 0) header.hrtimeMs = hrtimeMs;
  return await analyse([directoryWith(t, { 'run.ndjson': toNdjson(lines), ...(deep === null ? {} : { 'run.deep.json': deep }) })]);
}

const SLOW = 'recorded with --deep, which makes everything take several times as long';

test('an await has its chain, the run a note that it was slow, and a blocked event loop is no more than a note', async (t) => {
  const analysis = await analyseDeep(t, JSON.stringify(DEEP));
  t.deepEqual(describeFindings(analysis).map((text) => text.split(' ').slice(0, 2).join(' ')), ['error await-in-transaction', 'note event-loop-blocked']);
  const deep = analysis.report.findings[0]?.evidence.deep;
  t.deepEqual([deep?.agrees, deep?.differs, deep?.says], [1, 0, 'a timer (Timeout) ended the wait at app.js:12']);
  t.deepEqual(deep?.chains[0]?.steps.map(({ frames }) => frames.map(({ line }) => line)), [[], [12, 14], [14]]);
  t.deepEqual(analysis.report.notes, [SLOW]);
});

test('the clean twin: the same trace without the mode', async (t) => {
  const analysis = await analyseDeep(t, null, 0);
  t.deepEqual(describeFindings(analysis).map((text) => text.split(' ').slice(0, 2).join(' ')), ['error await-in-transaction', 'warning event-loop-blocked']);
  t.is(analysis.report.findings[0]?.evidence.deep, undefined);
  t.deepEqual(analysis.report.notes, []);
});

test('another operation, or another line: the two disagree', async (t) => {
  const other = structuredClone(DEEP);
  const [chain] = other.chains;
  if (chain !== undefined) chain.waits = [{ startMs: 7, asyncId: 99 }];
  const byOperation = await analyseDeep(t, JSON.stringify(other));
  t.is(byOperation.report.findings[0]?.evidence.deep?.differs, 1);
  t.deepEqual(byOperation.report.notes, [SLOW, 'async_hooks does not confirm what app.js:12 waits for: a timer (Timeout), started in pause at app.js:12, ended the wait']);
  const moved = await analyseDeep(t, JSON.stringify({ ...DEEP, stacks: [[['elsewhere', '/app/other.js', 3, 1]], [['handler', '/app/app.js', 14, 5]]] }));
  t.is(moved.report.findings[0]?.evidence.deep?.says, 'a timer (Timeout), started in elsewhere at other.js:3, ended the wait');
});

test('chains that cannot be read are no reason to have no report', async (t) => {
  for (const text of ['{"version":1', '{"version":7}']) {
    const { report } = await analyseDeep(t, text);
    t.is(report.findings[0]?.evidence.deep, undefined);
    t.is(report.notes.length, 2);
    t.regex(report.notes[1] ?? '', /^the chains beside .*run\.ndjson could not be read$/);
  }
});

test('the page shows the chain, and leads to the graph that lies beside it', async (t) => {
  const analysis = await analyseDeep(t, JSON.stringify(DEEP));
  const folder = analysis.timeline.recordings[0]?.file.replace(/\/[^/]+$/, '') ?? '';
  const browser = await launchBrowser();
  try {
    const open = await browser.open(renderHtml(analysis, { folder }));
    const witness = open.page.locator('.witness').first();
    await witness.locator('summary').click();
    const text = (await witness.innerText()).replaceAll('\u200b', '');
    t.regex(text, /async_hooks agrees: a timer \(Timeout\) ended the wait at app\.js:12\./);
    t.regex(text, /3 asynchronous operations behind a wait of 200 ms/);
    t.regex(text, /before\s+an incoming HTTP request \(HTTPINCOMINGMESSAGE\)/);
    t.regex(text, /completed\s+a timer \(Timeout\) #21 · created at 0\.1 ms · ran at 200 ms\s+pause app\.js:12/);
    t.is(await witness.getByRole('link', { name: 'Clinic’s bubble graph of the run' }).getAttribute('href'), 'run.clinic.html');
    t.deepEqual(open.complaints, []);
    await open.close();
  } finally {
    await browser.close();
  }
});
