/** So many steps for each row, on average, put a trace in order: its lines are nearly so. */
const STEPS = 64;

/**
 * The positions of `times` in the order of these; those of one time stay as they are. `starts` are those of parts each of
 * which is in order, or nearly so, and the end of all. `times` are moved.
 */
export function orderRows(times: Float64Array, starts: readonly number[]): Uint32Array {
  let rows = new Uint32Array(times.length);
  for (let row = 0; row < rows.length; row += 1) rows[row] = row;
  for (let part = 0; part + 1 < starts.length; part += 1) if (!orderPart(times, rows, starts[part] as number, starts[part + 1] as number)) return orderAll(times, rows);
  let ends = starts;
  while (ends.length > 2) {
    const merged = new Uint32Array(rows.length);
    const mergedMs = new Float64Array(times.length);
    for (let part = 0; part + 1 < ends.length; part += 2) merge(times, rows, ends[part] as number, ends[part + 1] as number, ends[part + 2] ?? (ends[part + 1] as number), mergedMs, merged);
    times.set(mergedMs);
    rows = merged;
    const last = ends.length - 1;
    ends = ends.filter((_, part) => part % 2 === 0 || part === last);
  }
  return rows;
}

/** @returns false: it would take too many steps. */
function orderPart(times: Float64Array, rows: Uint32Array, from: number, until: number): boolean {
  let steps = (until - from) * STEPS;
  for (let index = from + 1; index < until; index += 1) {
    const ms = times[index] as number;
    if (ms >= (times[index - 1] as number)) continue;
    const row = rows[index] as number;
    let at = index;
    for (; at > from && (times[at - 1] as number) > ms; at -= 1) {
      times[at] = times[at - 1] as number;
      rows[at] = rows[at - 1] as number;
    }
    times[at] = ms;
    rows[at] = row;
    steps -= index - at;
    if (steps < 0) return false;
  }
  return true;
}

function orderAll(times: Float64Array, rows: Uint32Array): Uint32Array {
  const order = new Uint32Array(rows.length);
  for (let index = 0; index < order.length; index += 1) order[index] = index;
  order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  return order.map((index) => rows[index] as number);
}

function merge(times: Float64Array, rows: Uint32Array, from: number, middle: number, until: number, mergedMs: Float64Array, merged: Uint32Array): void {
  let [left, right] = [from, middle];
  for (let at = from; at < until; at += 1) {
    const isLeft = right >= until || (left < middle && (times[left] as number) <= (times[right] as number));
    const next = isLeft ? left++ : right++;
    mergedMs[at] = times[next] as number;
    merged[at] = rows[next] as number;
  }
}
