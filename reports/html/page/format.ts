import type { CallSite } from '../../model.js';

/** "0.42 ms", "412 ms", "4.21 s", "2 min 3 s". */
export function formatMs(ms: number): string {
  if (ms <= 0) return '0 ms';
  if (ms < 0.01) return '< 0.01 ms';
  if (ms < 10) return `${trim(ms, ms < 1 ? 2 : 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${trim(ms / 1000, ms < 9_995 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

function trim(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.?0+$/, '');
}

/** A moment of the run: "1:04.250"; `stepMs` says how exact it needs to be. */
export function formatMoment(ms: number, stepMs = 1): string {
  const digits = stepMs >= 1000 ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : stepMs >= 1 ? 3 : stepMs >= 0.1 ? 4 : 5;
  const unit = 10 ** digits;
  const ticks = Math.round((Math.max(0, ms) / 1000) * unit);
  const seconds = Math.floor(ticks / unit);
  const fraction = digits === 0 ? '' : `.${String(ticks % unit).padStart(digits, '0')}`;
  const rest = String(seconds % 60).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${rest}${fraction}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}${fraction}`;
}

/** Round lengths of time, for the marks of an axis. */
export const ROUND_STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000];

/** "71 %"; small shares keep a digit. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent < 9.95 && percent !== Math.round(percent) ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** "12,000". */
export function formatCount(n: number): string {
  return n.toLocaleString('en');
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`;
}

/** "orders.ts:88". */
export function shortSite(site: CallSite): string {
  return `${site.file.slice(site.file.lastIndexOf('/') + 1)}:${site.line}`;
}

/** A file's path may break after each slash. */
export function breakable(path: string): string {
  return path.replace(/\//g, '/\u200b');
}
