/** What was to be reached, and whether it was. */
import { renderTable } from './markdown-table.js';

const UNITS = {
  times: (value: number, digits: number) => `${value.toFixed(digits + 1)} ×`,
  percent: (value: number, digits: number) => `${value.toFixed(digits - 1)} %`,
  bytes: (value: number) => `${value.toFixed(0)} bytes`,
  ms: (value: number) => `${value.toFixed(0)} ms`,
  megabytes: (value: number) => `${value.toFixed(0)} MB`,
  'megabytes a minute': (value: number, digits: number) => `${value.toFixed(digits)} MB`,
} as const;

export interface Target {
  what: string;
  unit: keyof typeof UNITS;
  limit: number;
  measured: number;
  reached: boolean;
}

export function judge(what: string, unit: Target['unit'], limit: number, measured: number): Target {
  return { what, unit, limit, measured, reached: measured <= limit };
}

export function renderTargets(targets: readonly Target[]): string[] {
  return renderTable(
    ['target', 'limit', 'measured', ''],
    targets.map(({ what, unit, limit, measured, reached }) => [what, `≤ ${UNITS[unit](limit, 1)}`, UNITS[unit](measured, 2), reached ? 'reached' : 'missed']),
  );
}
