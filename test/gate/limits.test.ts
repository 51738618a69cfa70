import test from 'ava';
import { compilePattern, sayPattern } from '../../reports/gate/place-pattern.js';
import type { LimitCheck } from '../../reports/gate/model.js';
import { judgeText, SHOP } from './support/judged.js';

function describe({ key, measured, exceeded, callSite }: LimitCheck): string {
  return `${key} ${measured} ${exceeded ? `over at ${callSite?.file}:${callSite?.line}` : 'kept'}`;
}

test('each limit is measured, and what is over names its line', async (t) => {
  const limits = { transactionMaxMs: 300, transactionP99Ms: 300, gapMaxMs: 300, waitP99Ms: 29, idleInTransactionShare: 0.7 };
  const { gate } = await judgeText(t, SHOP, { limits });
  t.deepEqual(gate.limits.map(describe), [
    'limits.transactionMaxMs 303 over at src/pay.js:11',
    'limits.transactionP99Ms 303 over at src/pay.js:11',
    'limits.gapMaxMs 301 over at src/bank.js:4',
    'limits.waitP99Ms 30 over at src/list.js:20',
    // 301 ms of 420
    'limits.idleInTransactionShare 0.716667 over at src/bank.js:4',
  ]);
  t.false(gate.passed);
  t.is(gate.limits[0]?.title, 'The longest transaction takes 303 ms (limit 300 ms); it is begun by pay');
});

test('the twin: at the limit is not over it', async (t) => {
  const limits = { transactionMaxMs: 303, transactionP99Ms: 303, gapMaxMs: 301, waitP99Ms: 30, idleInTransactionShare: 0.717 };
  const { gate } = await judgeText(t, SHOP, { limits, rules: { 'await-in-transaction': 'off' } });
  t.deepEqual(gate.limits.filter(({ exceeded }) => exceeded), []);
  t.true(gate.passed);
});

test('a place has limits of its own, by any frame of the stack; the first that fits counts', async (t) => {
  const places = [
    { file: 'src/routes/*', gapMaxMs: 400 },
    { function: 'p?y', gapMaxMs: 1, transactionMaxMs: 200 },
    { file: 'elsewhere/**', gapMaxMs: 1 },
  ];
  const { gate } = await judgeText(t, SHOP, { limits: { gapMaxMs: 100, transactionMaxMs: 5, places } });
  t.deepEqual(gate.limits.map(describe), [
    'limits.transactionMaxMs 10 over at src/list.js:21',
    'limits.gapMaxMs null kept',
    'limits.places[0].gapMaxMs 301 kept',
    'limits.places[1].transactionMaxMs 303 over at src/pay.js:11',
    'limits.places[1].gapMaxMs null kept',
    'limits.places[2].gapMaxMs null kept',
  ]);
});

test('a calm pool does not hide one that starves', async (t) => {
  const calm = Array.from({ length: 500 }, (_, index) => `checkout ${index + 1} pool 1 from ${index} wait 0 use 1`).join('\n');
  const text = `pool 1 max 50
    pool 2 max 1
    ${calm}
    checkout 501 pool 2 from 0 wait 90 use 5 at slow@/app/slow.js:3
    end 0 at 600`;
  const { gate } = await judgeText(t, text, { limits: { waitP99Ms: 50 } });
  t.deepEqual(gate.limits.map(describe), ['limits.waitP99Ms 90 over at slow.js:3']);
  t.regex(gate.limits[0]?.title ?? '', /of pool 100:2 /);
});

test('a request that gave up has waited, too', async (t) => {
  const text = `pool 1 max 1
    checkout 1 from 0 use 500
    checkout 2 from 0 timeout 200 at eager@/app/eager.js:7
    end 0 at 600`;
  const { gate } = await judgeText(t, text, { limits: { waitP99Ms: 150 } });
  t.deepEqual(gate.limits.map(describe), ['limits.waitP99Ms 200 over at eager.js:7']);
});

test('patterns', (t) => {
  const stack = { frames: [{ file: 'src/jobs/.daily/mail.js', line: 1, column: 1, function: 'Mailer.send' }], via: null };
  const matches = (pattern: Parameters<typeof compilePattern>[0]): boolean => compilePattern(pattern)(stack);
  t.true(matches({ file: 'src/jobs/**' }));
  t.true(matches({ file: './src/**/*.{js,ts}' }));
  t.true(matches({ function: '*.send' }));
  t.true(matches({ file: 'src/**', function: 'Mailer.*' }));
  t.false(matches({ file: 'src/*' }));
  t.false(matches({ file: 'src/**', function: 'send' }));
  t.false(compilePattern({ file: '**' })(null));
  const fromAbove = (file: string): string => `packages/shop/${file}`;
  t.true(compilePattern({ file: 'packages/shop/src/**' }, fromAbove)(stack));
  t.true(compilePattern({ file: 'src/jobs/**' }, fromAbove)(stack));
  t.false(compilePattern({ file: 'packages/bank/**' }, fromAbove)(stack));
  t.is(sayPattern({ file: 'a', function: 'b' }), 'b in a');
});
