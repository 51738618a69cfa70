import test from 'ava';
import type { Checkout, Timeline } from '../../reports/model.js';
import { decomposeHold, visitHold } from '../../reports/timeline/hold.js';
import { analyseText, timelineOf } from './support/analyse-text.js';
import { round } from './support/describe.js';
import { randomTrace } from './support/random-trace.js';

function partsOf({ recordings }: Timeline, checkout: Checkout): string[] {
  const recording = recordings[0];
  const parts: string[] = [];
  visitHold(checkout, checkout.endedMs ?? recording?.endMs ?? 0, recording?.blocked ?? [], (what, startMs, endMs) => {
    const detail = what.doing === 'sql' ? ` ${what.query.statement.text}` : what.doing === 'await' ? ` ${what.wait.kind}` : '';
    parts.push(`${round(startMs)}..${round(endMs)} ${what.doing}${detail}`);
  });
  return parts;
}

async function partition(t: Parameters<typeof timelineOf>[0], text: string): Promise<string[]> {
  const timeline = await timelineOf(t, text);
  return timeline.checkouts.slice(0, 1).flatMap((checkout) => partsOf(timeline, checkout));
}

test('a hold is taken apart without a hole', async (t) => {
  const parts = await partition(
    t,
    `checkout 1 from 0 wait 10 use 90
      11..20 sql a
      15..30 sql b
      35..50 wait timer
      50..55 wait http
      60..61 sql c`,
  );
  t.deepEqual(parts, ['10..11 idle', '11..20 sql a', '20..30 sql b', '30..35 idle', '35..50 await timer', '50..55 await http', '55..60 idle', '60..61 sql c', '61..100 idle']);
});

test('a blocked event loop takes what it overlaps with, a statement only where its reply lay around', async (t) => {
  const parts = await partition(
    t,
    `checkout 1 from 0 use 100
      0..22 sql reply waited for the block
      30..50 wait timer
      60..90 sql ran on after the block
    blocked 10..20
    blocked 35..55
    blocked 62..70`,
  );
  t.deepEqual(parts, [
    '0..10 sql reply waited for the block',
    '10..20 blocked',
    '20..22 sql reply waited for the block',
    '22..30 idle',
    '30..35 await timer',
    '35..50 blocked',
    '50..55 blocked',
    '55..60 idle',
    '60..90 sql ran on after the block',
    '90..100 idle',
  ]);
});

test('a statement that runs longer than the hold, and an empty hold', async (t) => {
  t.deepEqual(await partition(t, 'checkout 1 from 0 destroyed 10\n 5..30 sql a'), ['0..5 idle', '5..10 sql a']);
  t.deepEqual(await partition(t, 'checkout 1 from 0 use 0'), []);
  t.deepEqual(await partition(t, 'checkout 1 from 0 timeout 10'), []);
});

test('whatever happened: decompositions add up to their holds, blame adds up to 1, counts are never negative', async (t) => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const { report, timeline } = await analyseText(t, randomTrace(seed), { limits: { transactionMs: 20, starvationWaitMs: 5 } });
    for (const checkout of timeline.checkouts) {
      if (checkout.acquiredMs === null) continue;
      const endMs = checkout.endedMs ?? timeline.endMs;
      const { holdMs, sqlMs, awaitMs, blockedMs, idleMs } = decomposeHold(checkout, endMs, timeline.recordings[0]?.blocked ?? []);
      t.is(round(holdMs), round(endMs - checkout.acquiredMs), `seed ${seed}`);
      t.is(round(sqlMs + awaitMs + blockedMs + idleMs), round(holdMs), `seed ${seed}, ${checkout.id}`);
    }
    for (const { blame, endMs, startMs } of report.episodes) {
      t.true(Math.abs(blame.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-4, `seed ${seed}`);
      t.true(endMs > startMs);
    }
    for (const { evidence, totalMs, maxMs, count } of report.findings) {
      t.true(evidence.shareOfUse === null || (evidence.shareOfUse >= 0 && evidence.shareOfUse <= 1));
      t.true(totalMs >= maxMs && maxMs * count >= totalMs - 0.01);
      const parts = evidence.decomposition;
      if (parts !== null) t.true(Math.abs(parts.sqlMs + parts.awaitMs + parts.blockedMs + parts.idleMs - parts.holdMs) < 0.01);
    }
    t.is(new Set(report.findings.map(({ fingerprint }) => fingerprint)).size, report.findings.length, `seed ${seed}`);
  }
});
