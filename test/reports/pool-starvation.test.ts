import test from 'ava';
import type { Analysis } from '../../reports/model.js';
import { analyseText, findingsOf } from './support/analyse-text.js';
import { describeFinding, round } from './support/describe.js';

const RULE = 'pool-starvation';
const POOL = `pool 1 max 2 at main@/app/app.js:3
  connection 1 connecting 0 connected 1
  connection 2 connecting 0 connected 1`;

/** Two holders from 10 to 410 ms, and requests that wait for them. `during` is what the holders do from 11 to 409 ms. */
function holders(during: string, waiters: string): string {
  const holder = (id: number): string => `checkout ${id} from 10 wait 0 use 400 connection ${id} at handler@/app/app.js:10
    ${during}`;
  return `${POOL}\n${holder(1)}\n${holder(2)}\n${waiters}\nend 0 at 2000`;
}

const WAITER = 'checkout 3 from 60 wait 350 use 1 connection 1 at handler@/app/app.js:10';
const AWAIT = `1..2 sql BEGIN -> T
    2..390 wait http "GET x/slow" started fetchRate@/app/app.js:30 < handler@/app/app.js:12
    398..399 sql COMMIT`;

function blameOf({ report }: Analysis): string[] {
  return (report.episodes[0]?.blame ?? []).map(({ callSite, doing, share }) => `${Math.round(share * 100)} % ${doing}${callSite === null ? '' : ` at ${callSite.file}:${callSite.line}`}`);
}

function sumOfBlame({ report }: Analysis): number[] {
  return report.episodes.map(({ blame }) => round(blame.reduce((sum, { share }) => sum + share, 0)));
}

test('requests wait for holders that await something else: the line of the await', async (t) => {
  const analysis = await analyseText(t, holders(AWAIT, WAITER));
  const [finding, ...more] = findingsOf(analysis, RULE);
  t.deepEqual(more, []);
  t.is(finding && describeFinding(finding), 'warning pool-starvation app.js:30 fetchRate 1 × 350 ms');
  t.is(finding?.title, "1 request waited up to 350 ms for one of the pool's 2 connections; 97 % of that because of fetchRate: in a transaction, awaiting GET x/slow");
  t.deepEqual(analysis.report.episodes.map(({ pool, startMs, endMs, cause, pendingMax }) => ({ pool, startMs, endMs, cause, pendingMax })), [
    { pool: '100:1', startMs: 60, endMs: 410, cause: 'held-idle', pendingMax: 1 },
  ]);
  t.is(blameOf(analysis)[0], '97 % in a transaction, awaiting GET x/slow at app.js:30');
  t.deepEqual(sumOfBlame(analysis), [1]);
});

test('the clean twin: the same holders, a wait below the limit', async (t) => {
  const analysis = await analyseText(t, holders(AWAIT, 'checkout 3 from 311 wait 99 use 1 connection 1'));
  t.deepEqual(findingsOf(analysis, RULE), []);
  t.deepEqual(analysis.report.episodes, []);
});

test('holders that are busy with SQL for long: the statement, and no await', async (t) => {
  const report = (id: number, from: number): string => `checkout ${id} from ${from} wait 0 use 198 connection ${(id % 2) + 1} at handler@/app/app.js:10
    1..197 sql select pg_sleep(?) at report@/app/app.js:40
    197..198 wait timer started pause@/app/app.js:50`;
  const starving = (rounds: number): string => Array.from({ length: rounds }, (_, round) => `${report(round * 3 + 1, 10 + round * 200)}
    ${report(round * 3 + 2, 10 + round * 200)}
    checkout ${round * 3 + 3} from ${20 + round * 200} wait 188 use 1 connection 1 at page@/app/app.js:90`).join('\n');
  const analysis = await analyseText(t, `${POOL}\n${starving(6)}\nend 0 at 2000`);
  t.is(analysis.report.verdict, 'findings');
  t.deepEqual(findingsOf(analysis, RULE).map(describeFinding), ['warning pool-starvation app.js:40 report 6 × 1128 ms']);
  t.deepEqual(analysis.report.episodes.map(({ cause }) => cause), ['slow-sql']);
  const once = await analyseText(t, `${POOL}\n${starving(5)}\nend 0 at 2000`);
  t.deepEqual(findingsOf(once, RULE).map(({ severity }) => severity), ['note'], 'slow moments are none');
  let count = 0;
  const mixed = (rounds: number): string => `${POOL}\n${starving(rounds).replaceAll(/select pg_sleep\(\?\) at report@\/app\/app.js:40/g, () => `select ${(count += 1) % 7} at report@/app/app.js:${40 + (count % 7)}`)}\nend 0 at 9000`;
  t.deepEqual(findingsOf(await analyseText(t, mixed(20)), RULE).map(({ severity }) => severity), ['note'], 'nor is a load of many statements');
  t.deepEqual(findingsOf(await analyseText(t, mixed(30)), RULE).map(({ severity }) => severity), ['warning'], 'unless it goes on');
});

test('holders busy with SQL for a moment: a note, with the statement', async (t) => {
  const analysis = await analyseText(t, holders('1..399 sql select pg_sleep(?) at report@/app/app.js:40', WAITER));
  const [finding] = findingsOf(analysis, RULE);
  t.is(finding && describeFinding(finding), 'note pool-starvation app.js:40 report 1 × 350 ms');
  t.is(analysis.report.episodes[0]?.cause, 'slow-sql');
  t.deepEqual(finding?.evidence.statements, ['select pg_sleep(?)']);
  t.is(analysis.report.verdict, 'healthy', 'a note is no verdict');
});

test('two holders share the blame by what each did while others waited', async (t) => {
  const analysis = await analyseText(
    t,
    `${POOL}
    checkout 1 from 0 use 410 connection 1
      0..210 wait timer started a@/app/a.js:1
      210..410 sql select 1 at b@/app/a.js:2
    checkout 2 from 0 use 410 connection 2
      0..410 wait file started c@/app/a.js:3
    checkout 3 from 10 wait 400 use 1 connection 1`,
  );
  t.deepEqual(blameOf(analysis), ['50 % awaiting a file at a.js:3', '25 % awaiting a timer at a.js:1', '25 % running select 1 at a.js:2']);
  t.deepEqual(sumOfBlame(analysis), [1]);
});

test('more requests at a time weigh more', async (t) => {
  const analysis = await analyseText(
    t,
    `pool 1 max 1
    connection 1 connecting 0 connected 1
    checkout 1 from 1 use 200
      0..100 wait timer started a@/app/a.js:1
      100..200 wait file started b@/app/a.js:2
    checkout 2 from 1 wait 200 use 1 connection 1
    checkout 3 from 101 timeout 100
    checkout 4 from 101 timeout 100`,
  );
  // 100 request-ms for the timer, 300 for the file.
  t.deepEqual(blameOf(analysis), ['75 % awaiting a file at a.js:2', '25 % awaiting a timer at a.js:1']);
});

test('a request in vain is an error, however short it waited', async (t) => {
  const analysis = await analyseText(t, holders(AWAIT, 'checkout 3 from 60 timeout 50\ncheckout 4 from 60 wait 350 use 1 connection 1'));
  const [finding] = findingsOf(analysis, RULE);
  t.is(finding?.severity, 'error');
  t.regex(finding?.title ?? '', /^2 requests waited \(1 in vain\) up to 350 ms/);
  t.is(finding?.evidence.facts['timeouts'], 1);
  t.is(finding?.evidence.facts['pendingMax'], 2);
});

test('a request that still waits when the trace ends', async (t) => {
  const analysis = await analyseText(t, `${POOL}
    checkout 1 from 0 use 10 connection 1
    checkout 2 from 0 connection 2
      0..1 sql BEGIN -> T
    alive 3000`);
  t.deepEqual(findingsOf(analysis, RULE), []);
});

test('not full, but connecting: an episode, and a finding only when it takes long', async (t) => {
  const slow = (ms: number): string => `pool 1 max 10
    connection 1 connecting 0 connected ${ms}
    checkout 1 from 0 wait ${ms} use 5 connection 1 at handler@/app/app.js:10
      ${ms}..${ms + 4} sql select 1
    end 0 at 5000`;
  const start = await analyseText(t, slow(150));
  t.deepEqual(start.report.episodes.map(({ cause }) => cause), ['connecting']);
  t.deepEqual(start.report.findings, []);
  t.is(start.report.verdict, 'healthy');
  const remote = await analyseText(t, slow(1500));
  t.deepEqual(findingsOf(remote, RULE).map(describeFinding), ['note pool-starvation - 1 × 1500 ms']);
});

test('a blocked event loop is to blame for its time, whatever the holders did', async (t) => {
  const analysis = await analyseText(t, holders(AWAIT, `${WAITER}\nblocked 60..400 at crunch@/app/app.js:77`));
  t.is(analysis.report.episodes[0]?.cause, 'event-loop-blocked');
  const [finding] = findingsOf(analysis, RULE);
  t.is(finding?.callSite?.line, 77);
  t.regex(finding?.title ?? '', /97 % of that because crunch blocked the event loop$/);
  t.deepEqual(sumOfBlame(analysis), [1]);
});

test('waits that are close to each other are one episode, others are not', async (t) => {
  const again = (from: number, id: number): string => `checkout ${id} from ${from} use 300 connection 1
      0..300 wait timer started a@/app/a.js:1
    checkout ${id + 1} from ${from} use 300 connection 2
      0..300 wait timer started a@/app/a.js:1
    checkout ${id + 2} from ${from + 10} wait 290 use 1 connection 1`;
  const analysis = await analyseText(t, `${POOL}\n${again(10, 1)}\n${again(500, 11)}\n${again(9000, 21)}`);
  t.deepEqual(analysis.report.episodes.map(({ startMs, endMs }) => [startMs, endMs]), [[20, 800], [9010, 9300]]);
  t.is(findingsOf(analysis, RULE).length, 1);
  t.is(findingsOf(analysis, RULE)[0]?.evidence.facts['episodes'], 2);
});

test('each pool has its own finding, unless it is the same line', async (t) => {
  const one = holders(AWAIT, WAITER);
  const two = `process 200\n${holders(AWAIT, WAITER)}`;
  const other = `process 300\n${holders(AWAIT.replaceAll('app.js:30', 'jobs.js:5'), WAITER)}`;
  const analysis = await analyseText(t, [one, two, other]);
  t.deepEqual(analysis.report.episodes.map(({ pool }) => pool).toSorted(), ['100:1', '200:1', '300:1']);
  t.deepEqual(findingsOf(analysis, RULE).map(describeFinding), ['warning pool-starvation app.js:30 fetchRate 2 × 700 ms', 'warning pool-starvation jobs.js:5 fetchRate 1 × 350 ms']);
});

test('the limit can be set', async (t) => {
  t.is((await analyseText(t, holders(AWAIT, WAITER), { limits: { starvationWaitMs: 351 } })).report.episodes.length, 0);
});

test('who waits for a lock that others had one after the other, some of whom came later', async (t) => {
  const convoy = (second: string): string => `pool 1 max 3
    connection 1 connecting 0 connected 1
    connection 2 connecting 0 connected 1
    connection 3 connecting 0 connected 1
    checkout 1 from 2 use 100 connection 1 at sell@/app/app.js:10
      0..1 sql BEGIN -> T
      1..2 sql update stock set n = n - ? -> T
      2..98 wait timer started charge@/app/app.js:12
      98..99 sql COMMIT
    checkout 2 from 2 use 200 connection 2 at sell@/app/app.js:10
      0..1 sql BEGIN -> T
      1..199 sql update stock set n = n - ? -> T at sell@/app/app.js:11
      199..200 sql COMMIT
    checkout 3 from 20 use 182 connection 3 at sell@/app/app.js:10
      0..1 sql BEGIN -> T
      ${second}
      179..180 sql COMMIT
    checkout 5 from 102 use 99 connection 1
      0..98 sql select something else
    checkout 4 from 21 wait 180 use 1 connection 1 at other@/app/app.js:90
    end 0 at 500`;
  const analysis = await analyseText(t, convoy('1..82 sql update stock set n = n - ? -> T at sell@/app/app.js:11\n82..179 wait timer started charge@/app/app.js:12'));
  t.is(analysis.report.episodes[0]?.cause, 'lock-wait');
  t.regex(blameOf(analysis)[0] ?? '', /waiting for a lock of app\.js:10: update stock .* at app\.js:11$/);
  // The third had the lock while the first still had it: so they wanted different rows, and the second waited for neither.
  const apart = await analyseText(t, convoy('1..2 sql update stock set n = n - ? -> T at sell@/app/app.js:11\n2..179 wait timer started charge@/app/app.js:12'));
  t.deepEqual(blameOf(apart).filter((text) => /lock/.test(text)), []);
});

test('a statement of pool.query whose place was not captured has the one that it has elsewhere', async (t) => {
  const analysis = await analyseText(t, `pool 1 max 1
    connection 1 connecting 0 connected 1
    checkout 1 via query from 2 use 5 connection 1 at report@/app/app.js:40
      0..4 sql select sum(amount) from sales
    checkout 2 via query from 10 use 300 connection 1
      0..299 sql select sum(amount) from sales
    checkout 3 via query from 20 wait 290 use 1 connection 1 at page@/app/app.js:50
      290..291 sql select now()
    end 0 at 500`);
  t.deepEqual(blameOf(analysis)[0], '100 % running select sum(amount) from sales at app.js:40');
});

test('a connection that is kept to listen: the line that took it', async (t) => {
  const analysis = await analyseText(t, `pool 1 max 1
    connection 1 connecting 0 connected 1
    checkout 1 from 2 use 3000 connection 1 at listen@/app/app.js:40
      0..1 sql LISTEN chat at listen@/app/app.js:41
      1..3000 gap ended leave@/app/app.js:60
    checkout 2 from 20 timeout 1000 at page@/app/app.js:50
    end 0 at 5000`);
  t.is(analysis.report.episodes[0]?.cause, 'held-idle');
  t.is(blameOf(analysis)[0], '100 % keeping a connection for LISTEN at app.js:40');
});
