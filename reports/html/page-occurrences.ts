import type { Holds, Occurrences } from '../model.js';
import { toUs } from '../microseconds.js';
import { packColumn, packTable } from './columns.js';
import { at } from './element.js';
import type { Column, PageHolds, PageOccurrences } from './page-data.js';
import type { StringTable } from './string-table.js';

/** `placeOf`: a checkout's position in the page, or -1. `sharesUse`: whether the finding's time is time in which connections were held. */
export interface OccurrencePlaces {
  pool: number;
  placeOf: (checkout: string) => number;
  sharesUse: boolean;
}

const MOST_STATEMENTS = 16;

/** Beyond `limit` rows neighbours are put together. */
export function limitOccurrences(one: Occurrences, limit: number): Occurrences {
  return { ...(one.startMs.length > limit ? mergeRows(one, limit) : one), holds: one.holds.startMs.length > limit ? mergeHolds(one.holds, limit) : one.holds };
}

export function packOccurrences({ columnMs, startMs, count, running, ms, maxMs, worst, statements, holds }: Occurrences, { pool, placeOf, sharesUse }: OccurrencePlaces, table: StringTable): PageOccurrences {
  const places = worst.checkout.map(placeOf);
  return {
    pool,
    columnUs: toUs(columnMs),
    rows: startMs.length,
    ...packTable({
      start: deltas(startMs.map(toUs)),
      count,
      running,
      us: ms.map(toUs),
      maxUs: maxMs.map(toUs),
      worstStart: worst.startMs.map((start, i) => toUs(start) - toUs(at(startMs, i))),
      worstCheckout: places,
    }),
    statements: mostFrequent(statements).map(({ text, rows, counts }) => ({ text: table.text(text), rows: rows.length, row: packColumn(deltas(rows)), count: packColumn(counts) })),
    holds: sharesUse ? packHolds(holds) : null,
  };
}

function mostFrequent(statements: Occurrences['statements']): Occurrences['statements'] {
  const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  return statements.toSorted((a, b) => total(b.counts) - total(a.counts)).slice(0, MOST_STATEMENTS);
}

function packHolds({ columnMs, startMs, ms, sqlMs, awaitMs, blockedMs }: Holds): PageHolds {
  const perMille = (part: readonly number[]): Column => packColumn(part.map((value, i) => Math.round((value / Math.max(at(ms, i), 1e-9)) * 1000)));
  return { columnUs: toUs(columnMs), rows: startMs.length, ...packTable({ start: deltas(startMs.map(toUs)), us: ms.map(toUs) }), sql: perMille(sqlMs), await: perMille(awaitMs), blocked: perMille(blockedMs) };
}

function deltas(values: readonly number[]): number[] {
  return values.map((value, i) => value - (i > 0 ? at(values, i - 1) : 0));
}

/** Columns that are wide enough for `limit` of them to be enough; of columns, several in one. */
function widerColumn(startMs: readonly number[], lengthMs: readonly number[], columnMs: number, limit: number): number {
  const endMs = startMs.reduce((end, start, row) => Math.max(end, start + at(lengthMs, row)), 1);
  return columnMs > 0 ? Math.ceil(endMs / columnMs / limit - 1e-9) * columnMs : endMs / limit;
}

/** Calls with each column that a row reaches, and the share of the row that it has. */
function eachColumn(startMs: number, lengthMs: number, columnMs: number, visit: (column: number, share: number, isFirst: boolean) => void): void {
  const first = Math.floor(startMs / columnMs + 1e-9);
  const last = Math.max(first, Math.ceil((startMs + lengthMs) / columnMs - 1e-9) - 1);
  for (let column = first; column <= last; column++) {
    const inside = Math.min(startMs + lengthMs, (column + 1) * columnMs) - Math.max(startMs, column * columnMs);
    visit(column, lengthMs > 0 ? Math.max(0, inside) / lengthMs : 1, column === first);
  }
}

interface Cell {
  count: number;
  running: number;
  ms: number;
  /** The row with the longest. */
  longest: number;
  statements: Map<number, number>;
}

function mergeRows(one: Occurrences, limit: number): Occurrences {
  const lengthMs = one.columnMs > 0 ? one.startMs.map(() => one.columnMs) : one.ms;
  const columnMs = widerColumn(one.startMs, lengthMs, one.columnMs, limit);
  const cells = new Map<number, Cell>();
  const textsOf = new Map<number, [text: number, count: number][]>();
  for (const [text, { rows, counts }] of one.statements.entries()) for (const [i, row] of rows.entries()) textsOf.set(row, [...(textsOf.get(row) ?? []), [text, at(counts, i)]]);
  for (const [row, startMs] of one.startMs.entries()) {
    eachColumn(startMs, at(lengthMs, row), columnMs, (column, share, isFirst) => {
      let cell = cells.get(column);
      // Those that went on in a row did so at its beginning: only the row at the beginning of the column tells.
      if (cell === undefined) cells.set(column, (cell = { count: 0, running: startMs - column * columnMs < 1e-6 ? at(one.running, row) : 0, ms: 0, longest: row, statements: new Map() }));
      if (isFirst) cell.count += at(one.count, row);
      else if (one.columnMs === 0) cell.running += 1;
      cell.ms += at(one.ms, row) * share;
      if (at(one.maxMs, row) > at(one.maxMs, cell.longest)) cell.longest = row;
      for (const [text, count] of textsOf.get(row) ?? []) cell.statements.set(text, (cell.statements.get(text) ?? 0) + count);
    });
  }
  const columns = [...cells].toSorted(([a], [b]) => a - b);
  const pick = (field: 'count' | 'running' | 'ms'): number[] => columns.map(([, cell]) => cell[field]);
  const worst = columns.map(([, { longest }]) => longest);
  return {
    ...one,
    columnMs,
    startMs: columns.map(([column]) => column * columnMs),
    count: pick('count'),
    running: pick('running'),
    ms: pick('ms'),
    maxMs: worst.map((row) => at(one.maxMs, row)),
    worst: { startMs: worst.map((row) => at(one.worst.startMs, row)), checkout: worst.map((row) => one.worst.checkout[row] ?? '') },
    statements: one.statements.map(({ text }, index) => {
      const rows = [...columns.keys()].filter((row) => columns[row]?.[1].statements.has(index));
      return { text, rows, counts: rows.map((row) => columns[row]?.[1].statements.get(index) ?? 0) };
    }),
  };
}

function mergeHolds(holds: Holds, limit: number): Holds {
  const lengthMs = holds.columnMs > 0 ? holds.startMs.map(() => holds.columnMs) : holds.ms;
  const columnMs = widerColumn(holds.startMs, lengthMs, holds.columnMs, limit);
  const cells = new Map<number, [ms: number, sql: number, await: number, blocked: number]>();
  for (const [row, startMs] of holds.startMs.entries()) {
    eachColumn(startMs, at(lengthMs, row), columnMs, (column, share) => {
      const [ms, sql, awaited, blocked] = cells.get(column) ?? [0, 0, 0, 0];
      cells.set(column, [ms + at(holds.ms, row) * share, sql + at(holds.sqlMs, row) * share, awaited + at(holds.awaitMs, row) * share, blocked + at(holds.blockedMs, row) * share]);
    });
  }
  const columns = [...cells].toSorted(([a], [b]) => a - b);
  const pick = (field: 0 | 1 | 2 | 3): number[] => columns.map(([, cell]) => cell[field]);
  return { columnMs, startMs: columns.map(([column]) => column * columnMs), ms: pick(0), sqlMs: pick(1), awaitMs: pick(2), blockedMs: pick(3) };
}
