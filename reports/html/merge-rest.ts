import { packTable } from './columns.js';
import type { MergedColumns } from './page-data.js';
import type { CheckoutList } from '../timeline/checkout-list.js';
import { orElse } from '../timeline/times.js';
import { at } from './element.js';
import type { RestActivity } from './rest-activity.js';

/** Of a checkout without a transaction, the time in which no statement ran is looked into from this length on. */
const LEAST_GAPS_MS = 1;

/**
 * Adds up what the sample leaves out, for each lane and bucket: statements; awaits in open transactions; other idle time in
 * open transactions; the rest of the hold. A bucket that a checkout overlaps gets its part of it. `activity` gets the same
 * for all lanes together, those beyond `lanes` included, with what it was.
 */
export function mergeRest(
  checkouts: CheckoutList,
  isShown: (index: number) => boolean,
  lane: (index: number) => number,
  lanes: number,
  bucketMs: number,
  endMs: number,
  activity: RestActivity,
): MergedColumns {
  const columns = Math.floor(endMs / bucketMs) + 1;
  // What lies in a lane that the page leaves out is added to a row that is thrown away.
  const sums = (): Float64Array => new Float64Array((lanes + 1) * columns);
  const [sql, awaited, idle, held] = [sums(), sums(), sums(), sums()];
  const add = (sum: Float64Array, row: number, startMs: number, ms: number): void => {
    for (let from = startMs, left = ms; left > 0; ) {
      const column = Math.min(columns - 1, Math.max(0, Math.floor(from / bucketMs)));
      const part = column === columns - 1 ? left : Math.min(left, Math.max((column + 1) * bucketMs - from, 1e-6));
      sum[row + column] = at(sum, row + column) + part;
      from += part;
      left -= part;
    }
  };
  const { times } = checkouts;
  for (let index = 0; index < checkouts.length; index++) {
    if (isShown(index)) continue;
    const [requestedMs, acquiredMs] = [at(times.requestedMs, index), at(times.acquiredMs, index)];
    const until = orElse(at(times.endedMs, index), endMs);
    const isHeld = !Number.isNaN(acquiredMs) && lane(index) >= 0;
    activity.addRequest(requestedMs, (isHeld ? acquiredMs : until) - requestedMs, isHeld ? until - acquiredMs : null);
    if (!isHeld) continue;
    const row = Math.min(lane(index), lanes) * columns;
    let restMs = until - acquiredMs;
    add(held, row, acquiredMs, restMs);
    activity.addTime('held', acquiredMs, restMs);
    const checkout = checkouts.glanceAt(index);
    for (const query of checkout.queries) {
      const ms = Math.max(0, Math.min(query.ms, until - query.startMs));
      restMs -= ms;
      add(sql, row, query.startMs, ms);
      activity.addTime('sql', query.startMs, ms);
      activity.takeTime('held', query.startMs, ms);
      activity.addQuery(query, ms);
    }
    // Most have none to speak of: their gaps need not be made.
    if (checkout.transactions.length === 0 && restMs < LEAST_GAPS_MS) continue;
    for (const gap of checkout.gaps) {
      if (gap.inTransaction) {
        add(idle, row, gap.startMs, gap.ms);
        activity.addTime('idle', gap.startMs, gap.ms);
        activity.takeTime('held', gap.startMs, gap.ms);
      }
      for (const wait of gap.waits) {
        activity.addWait(wait, gap.inTransaction);
        if (!gap.inTransaction) continue;
        add(awaited, row, wait.startMs, wait.ms);
        activity.addTime('await', wait.startMs, wait.ms);
        activity.takeTime('idle', wait.startMs, wait.ms);
      }
    }
  }
  const table = { lane: [] as number[], bucket: [] as number[], sql: [] as number[], await: [] as number[], idle: [] as number[], held: [] as number[] };
  const perMille = (ms: number): number => Math.max(0, Math.min(1000, Math.round((ms / bucketMs) * 1000)));
  for (let row = 0; row < lanes; row++) {
    let before = 0;
    for (let column = 0; column < columns; column++) {
      const slot = row * columns + column;
      if (at(held, slot) === 0) continue;
      table.lane.push(row);
      table.bucket.push(column - before);
      before = column;
      table.sql.push(perMille(at(sql, slot)));
      table.await.push(perMille(at(awaited, slot)));
      table.idle.push(perMille(at(idle, slot) - at(awaited, slot)));
      table.held.push(perMille(at(held, slot) - at(sql, slot) - at(idle, slot)));
    }
  }
  return { rows: table.lane.length, ...packTable({ ...table, lane: table.lane.map((lane, i) => lane - (i > 0 ? at(table.lane, i - 1) : 0)) }) };
}
