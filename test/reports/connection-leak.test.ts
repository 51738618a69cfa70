import test from 'ava';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding, describeFindings } from './support/describe.js';

const RULE = 'connection-leak';
const PLACE = 'at getUser@/app/app.js:5 < handler@/app/app.js:20';

/** Four holds of 3 ms that end well, and one from 100 ms on. */
function trace(hold: string, end: string, more = ''): string {
  const others = [1, 2, 3, 4].map((id) => `checkout ${id} from ${id * 10} use 3 connection 1 ${PLACE}\n1..2 sql select 1`);
  return `pool 1 max 4 timeout 5000\n${others.join('\n')}\n${hold}\n${more}\n${end}`;
}

const LOST = `checkout 5 from 100 connection 2 ${PLACE}
  1..2 sql select 1 at getUser@/app/app.js:6 < handler@/app/app.js:20`;

async function severities(t: Parameters<typeof analyseText>[0], text: string): Promise<string[]> {
  return findingsOf(await analyseText(t, text), RULE).map(({ severity }) => severity);
}

test('never released, and the process has ended: certain, at the line that asked for it', async (t) => {
  const analysis = await analyseText(t, trace(LOST, 'end 0 at 600'));
  t.deepEqual(describeFindings(analysis), ['error connection-leak app.js:5 getUser 1 × 498 ms']);
  const [finding] = analysis.report.findings;
  t.is(finding?.title, 'getUser takes a connection and never gives it back; unused for up to 498 ms until the recording ended');
  t.deepEqual([finding?.evidence.facts['leaked'], finding?.evidence.facts['certain']], [1, 1]);
  t.deepEqual(finding?.evidence.statements, ['select 1']);
});

test('never released so far: it looks lost', async (t) => {
  const [finding] = findingsOf(await analyseText(t, trace(LOST, 'alive 2000')), RULE);
  t.is(finding && describeFinding(finding), 'warning connection-leak app.js:5 getUser 1 × 1898 ms');
  t.regex(finding?.advice ?? '', /only looks lost/);
});

test('nothing is left of the pool, and somebody waits: an error, come back what may', async (t) => {
  const small = (text: string): string => trace(`${LOST}\n3..1890 wait timer\n3..1890 gap open`, 'alive 2000', text).replace('max 4', 'max 1');
  const [finding] = findingsOf(await analyseText(t, small('checkout 6 from 400 pending')), RULE);
  t.is(finding?.severity, 'error');
  t.deepEqual([finding?.evidence.facts['certain'], finding?.evidence.decomposition?.idleMs, finding?.evidence.decomposition?.awaitMs], [0, 1899, 0], 'nobody waits with it for what the process waits for');
  t.deepEqual(await severities(t, small('')), ['warning'], 'the twin: nobody waits');
  t.deepEqual(await severities(t, trace(LOST, 'alive 2000', 'checkout 6 from 400 pending')), ['warning'], 'the twin: there are other connections');
});

test('the clean twin: it comes back late', async (t) => {
  const late = LOST.replace('connection 2', 'use 490 connection 2');
  t.deepEqual(await severities(t, trace(late, 'end 0 at 600')), []);
});

const CLEAN: [name: string, hold: string, end: string][] = [
  ['killed soon after', LOST, 'alive 400'],
  ['exited right after', LOST, 'end 0 at 250'],
  ['a statement is running', `${LOST}\n3.. running select pg_sleep(?)`, 'end 0 at 900'],
  ['its function awaits something', `${LOST}\n2..210 wait http "GET x" started load@/app/app.js:30 < getUser@/app/app.js:7 < handler@/app/app.js:20\n2..210 gap open`, 'alive 9000'],
  ['its flow holds another one', `${LOST}\ncheckout 6 from 103 connection 3 inside 5 via connect at audit@/app/app.js:40 < getUser@/app/app.js:8\n1.. running update t`, 'alive 9000'],
  ['it listens', LOST.replace('select 1', 'LISTEN jobs'), 'end 0 at 9000'],
  ['it keeps a lock', LOST.replace('select 1', 'select pg_try_advisory_lock(?)'), 'end 0 at 9000'],
  ['a client without a pool', LOST.replace('from 100', 'pool 0 from 100 via client'), 'end 0 at 9000'],
  ['in use all the time', `${LOST}\n3000..3001 sql select 2\n5000..5001 sql select 3`, 'end 0 at 9000'],
  ['the event loop was blocked', LOST, 'blocked 103..590 at f@/app/a.js:3\nend 0 at 600'],
  ['its release may be among what was dropped', LOST, 'lost 3\nend 0 at 900'],
];

for (const [name, hold, end] of CLEAN) {
  test(`no leak: ${name}`, async (t) => {
    t.deepEqual(await severities(t, trace(hold, end)), []);
  });
}

test('what is usual depends on the place', async (t) => {
  const slow = trace(LOST, 'alive 2000', `checkout 7 from 50 use 900 connection 3 ${PLACE}\n1..899 sql select pg_sleep(?)`);
  t.deepEqual(await severities(t, slow), [], 'twice as long as it has been before is nothing');
});

test('waits of others that seem to be in its flow are no excuse', async (t) => {
  const others = `${LOST}\n2..210 wait timer started main@/app/server.js:3\n2..210 gap open`;
  t.deepEqual(await severities(t, trace(others, 'alive 2000')), ['warning']);
});

test('where the flow went on without it, less time is enough', async (t) => {
  const next = `checkout 6 from 110 use 2 inside 5 connection 3 at load@/app/app.js:50 < handler@/app/app.js:21\n1..2 sql select 2`;
  t.deepEqual(await severities(t, trace(LOST, 'end 0 at 250', next)), ['error']);
});

test('with an open transaction it is one finding: nothing idle, nothing long, nothing awaited', async (t) => {
  const open = `${LOST.replace('sql select 1', 'sql BEGIN -> T')}\n2..210 wait timer started main@/app/server.js:3\n2..210 gap open`;
  const analysis = await analyseText(t, trace(open, 'alive 9000'));
  t.deepEqual(describeFindings(analysis).map((line) => line.split(' ')[1]), [RULE]);
  t.is(analysis.report.findings[0]?.evidence.facts['inTransaction'], true);
});

test('a pool that is starved by lost connections says so', async (t) => {
  const lost = [5, 6, 7, 8].map((id) => LOST.replace('checkout 5', `checkout ${id}`).replace('connection 2', `connection ${id}`));
  const analysis = await analyseText(t, trace(lost.join('\n'), 'alive 3000', 'checkout 9 from 200 timeout 1000'));
  t.deepEqual(analysis.report.episodes.map(({ cause, blame }) => [cause, blame[0]?.callSite?.line]), [['leaked', 5]]);
  t.regex(findingsOf(analysis, 'pool-starvation')[0]?.title ?? '', /because of getUser: holding a connection that was never released/);
  t.is(findingsOf(analysis, RULE)[0]?.count, 4);
});
