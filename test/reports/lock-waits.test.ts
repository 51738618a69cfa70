import test from 'ava';
import type { Analysis } from '../../reports/model.js';
import { lockedBy } from '../../reports/starvation/lock-waits.js';
import { analyseText } from './support/analyse-text.js';

const UPDATE = 'update seats set sold = $1 where id = $2';

/** One flow has the row from 12 to 400 ms; another one waits for it, and a request waits for a connection. */
function convoy(waited = UPDATE, ended = 401, fast = UPDATE, holder = UPDATE): string {
  return `pool 1 max 2 timeout 5000
    connection 1 connecting 0 connected 1
    connection 2 connecting 0 connected 1
    checkout 1 from 2 use 6 connection 1 at buy@/app/app.js:10
      1..2 sql BEGIN -> T
      2..4 sql ${fast} -> T at buy@/app/app.js:12
      4..5 sql COMMIT
    checkout 2 from 10 use 391 connection 1 at buy@/app/app.js:10
      1..2 sql BEGIN -> T
      2..3 sql ${holder} -> T at buy@/app/app.js:12
      390..391 sql COMMIT
    checkout 3 from 20 use ${ended - 18} connection 2 at refund@/app/app.js:30
      0..1 sql BEGIN -> T
      1..${ended - 20} sql ${waited} -> T at refund@/app/app.js:32
      ${ended - 20}..${ended - 19} sql COMMIT
    checkout 4 from 30 wait 371 use 1 connection 1
    end 0 at 900`;
}

function saidOf({ report }: Analysis): string[] {
  return report.episodes.flatMap(({ blame }) => blame.map(({ doing }) => doing)).filter((doing) => /lock|running update/.test(doing));
}

test('a statement that goes on in the moment in which another transaction ends waited for its lock', async (t) => {
  t.deepEqual(saidOf(await analyseText(t, convoy())), [`waiting for a lock of app.js:10: ${UPDATE}`]);
});

test('the clean twins: it ends at another time; it is always slow; another table; nobody else took locks', async (t) => {
  const none = async (text: string): Promise<unknown> => t.false(saidOf(await analyseText(t, text)).some((doing) => /lock/.test(doing)));
  await none(convoy(UPDATE, 350));
  await none(convoy(UPDATE, 401, 'select 1', 'select 2'));
  await none(convoy('update other set a = $1', 401));
  await none(convoy(UPDATE, 401, UPDATE, 'select 1'));
});

test('the server says so itself when it is a deadlock', async (t) => {
  const text = convoy().replace(/(1\.\.381 sql .*) -> T at refund/, '$1 -> E !40P01 at refund').replace('checkout 2 from 10 use 391', 'checkout 2 from 10 use 800').replace('390..391 sql COMMIT', '790..791 sql COMMIT').replace('wait 371', 'wait 780');
  t.true(saidOf(await analyseText(t, text)).some((doing) => doing.startsWith('waiting for a lock: ')));
});

test('what a statement locks', (t) => {
  t.is(lockedBy('UPDATE only "seats" set a = ?'), '"seats"');
  t.is(lockedBy('select * from seats s join x on true where id = $1 for no key update'), 'seats');
  t.is(lockedBy('select * from seats where id = $1'), '');
  t.is(lockedBy('select pg_advisory_xact_lock(?)'), 'advisory');
});
