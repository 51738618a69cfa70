/** Traces are exact to a microsecond; sums of such numbers carry digits that say nothing. Shares keep six digits. */
export function roundTimes<T extends object>(report: T): T {
  return round(report, '') as T;
}

function round(value: unknown, name: string): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toFixed(name.endsWith('Ms') || name === 'ms' ? 3 : 6));
  if (Array.isArray(value)) return value.map((item) => round(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, round(item, key)]));
}
