/** Order statistics: a mean would follow every disturbance of the machine. */

export interface Spread {
  median: number;
  /** Quartiles. */
  low: number;
  high: number;
}

/** @throws when there is nothing to take a quantile of. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new Error('no values');
  return below + (above - below) * (at - Math.floor(at));
}

export function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/**
 * How fast y grows with x: the median of the slopes between all pairs, with quartiles. Of many points medians of neighbours
 * are taken first, so that what comes and goes (a heap between two collections) is no slope.
 * @throws when there are not two points at different x.
 */
export function slope(points: readonly (readonly [x: number, y: number])[], most = 12): Spread {
  const size = Math.ceil(points.length / most);
  const blocks = Array.from({ length: Math.ceil(points.length / size) }, (_, index) => points.slice(index * size, (index + 1) * size));
  const medians = blocks.map((block) => [quantile(block.map(([x]) => x), 0.5), quantile(block.map(([, y]) => y), 0.5)] as const);
  return spread(medians.flatMap(([x, y], index) => medians.slice(index + 1).flatMap(([x2, y2]) => (x2 === x ? [] : [(y2 - y) / (x2 - x)]))));
}
