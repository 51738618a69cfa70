/** How many of the indices below `length` `isBefore` holds for: for all of the first ones, then for none. */
export function partitionPoint(length: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the last of ascending times that is at or before `ms`; -1 when all are later. Only the first `length` count. */
export function lastAtOrBefore(times: Float64Array, ms: number, length: number = times.length): number {
  return partitionPoint(length, (index) => (times[index] as number) <= ms) - 1;
}
