/** How much of a long recording is kept: the last minutes, or the last megabytes. */

export type Keep = { ms: number } | { bytes: number };

export const KEEP_FORMAT = 'a time or a size such as 10m or 500MB (units: s, m, h, d; kB, MB, GB; at least 1s or 1MB)';

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const UNITS_BYTES: Readonly<Record<string, number>> = { kb: 1e3, mb: 1e6, gb: 1e9 };
const LEAST_MS = 1000;
const LEAST_BYTES = 1_000_000;

/** @returns null when the text is none of KEEP_FORMAT. */
export function parseKeep(text: string): Keep | null {
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS_MS[unit] ?? Number.NaN);
  if (ms >= LEAST_MS) return { ms };
  const bytes = Number(number) * (UNITS_BYTES[unit.toLowerCase()] ?? Number.NaN);
  return bytes >= LEAST_BYTES ? { bytes: Math.round(bytes) } : null;
}
