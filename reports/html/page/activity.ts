import { WAIT_KINDS } from '../../../probes/trace/events.js';
import { at } from '../element.js';
import type { CallSite } from '../../model.js';
import type { PageData } from '../page-data.js';
import { framesOf, textOf, type PoolModel } from './model.js';

/** What a held connection is doing. sql: a statement runs; await: an await in an open transaction; idle: an open transaction, nothing known; held: neither statement nor transaction. */
export const ACTIVITY_KINDS = ['sql', 'await', 'idle', 'held'] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

export const ACTIVITY_NAMES: Record<ActivityKind, string> = {
  sql: 'Statement running',
  await: 'Await in an open transaction',
  idle: 'Idle in an open transaction',
  held: 'Held without a transaction',
};

export interface Activity {
  kind: ActivityKind;
  text: string;
  site: CallSite | null;
  startMs: number;
  ms: number;
}

/** What several checkouts did, and where, added up. */
export interface ActivityTotal {
  kind: ActivityKind;
  text: string;
  site: CallSite | null;
  ms: number;
  count: number;
  /** How much of `ms` the call site is known of. */
  knownMs: number;
}

/** A wait of the timeline in words: "awaiting GET example.com/x". */
export function sayWaitRow(data: PageData, { wait }: PoolModel, row: number): string {
  return describeWait(at(wait.kind, row), textOf(data, wait.detail[row] ?? -1), wait.foreign[row] === 1);
}

/** `kindIndex`: in WAIT_KINDS. */
export function describeWait(kindIndex: number, detail: string, isForeign: boolean): string {
  const kind = WAIT_KINDS[kindIndex] ?? 'unknown';
  const foreign = isForeign ? ' (started by other code)' : '';
  switch (kind) {
    case 'unknown':
      return `awaiting something unknown${foreign}`;
    case 'checkout':
      return `awaiting another connection${detail === '' ? '' : ` of ${detail}`}${foreign}`;
    case 'query':
      return `awaiting a statement on another connection${detail === '' ? '' : `: ${detail}`}${foreign}`;
    case 'timer':
      return `awaiting a timer${detail === '' ? '' : ` of ${detail}`}${foreign}`;
    case 'http':
      return `awaiting ${detail === '' ? 'an HTTP request' : detail}${foreign}`;
    case 'file':
      return `awaiting the file ${detail === '' ? 'system' : detail}${foreign}`;
    case 'promise':
      return `awaiting a promise${detail === '' ? '' : ` (${detail})`}${foreign}`;
    default:
      return `awaiting ${kind}${detail === '' ? '' : ` ${detail}`}${foreign}`;
  }
}

/** The innermost frame of the first stack that has one. */
export function siteOf(data: PageData, ...stacks: number[]): CallSite | null {
  for (const stack of stacks) {
    const [frame] = framesOf(data, stack);
    if (frame !== undefined) return frame;
  }
  return null;
}

/** Everything that a checkout did, in order of time: statements, and the parts of its gaps. Times between them are the program's own. */
export function listActivities(data: PageData, pool: PoolModel, checkout: number): Activity[] {
  const list: Activity[] = [];
  const stack = pool.stack[checkout] ?? -1;
  for (let q = at(pool.queryFrom, checkout); q < at(pool.queryFrom, checkout + 1); q++) {
    const error = textOf(data, pool.query.error[q] ?? -1);
    const text = `running ${textOf(data, pool.query.statement[q] ?? -1)}${error === '' ? '' : ` (failed: ${error})`}`;
    list.push({ kind: 'sql', text, site: siteOf(data, pool.query.stack[q] ?? -1, stack), startMs: at(pool.query.start, q), ms: at(pool.query.ms, q) });
  }
  for (let g = at(pool.gapFrom, checkout); g < at(pool.gapFrom, checkout + 1); g++) {
    const open = pool.gap.inTransaction[g] === 1;
    const start = at(pool.gap.start, g);
    const end = start + at(pool.gap.ms, g);
    let now = start;
    const rest = (until: number): void => {
      // Less than that is the way from one thing to the next.
      if (until - now < 0.3) return;
      list.push({ kind: open ? 'idle' : 'held', text: open ? 'idle in transaction' : 'held, nothing running', site: siteOf(data, pool.gap.ended[g] ?? -1, stack), startMs: now, ms: until - now });
    };
    for (let w = at(pool.waitFrom, g); w < at(pool.waitFrom, g + 1); w++) {
      const from = at(pool.wait.start, w);
      rest(from);
      list.push({ kind: open ? 'await' : 'held', text: sayWaitRow(data, pool, w), site: siteOf(data, pool.wait.awaited[w] ?? -1, pool.wait.started[w] ?? -1, stack), startMs: from, ms: at(pool.wait.ms, w) });
      now = from + at(pool.wait.ms, w);
    }
    rest(end);
  }
  return list.toSorted((a, b) => a.startMs - b.startMs);
}

/** Who held the pool's connections at a moment, and who was waiting for one. */
export function snapshotAt(data: PageData, pool: PoolModel, ms: number): { held: number; pending: number; groups: ActivityTotal[] } {
  const groups = new Map<string, ActivityTotal>();
  let held = 0;
  let pending = 0;
  for (let i = 0; i < pool.count; i++) {
    const requested = at(pool.requested, i);
    // In order of the requests: nobody after this one has asked yet.
    if (requested > ms) break;
    if (at(pool.ended, i) <= ms) continue;
    if (at(pool.acquired, i) > ms || pool.lane[i] === -1) {
      pending++;
      continue;
    }
    held++;
    const doing = listActivities(data, pool, i).findLast((activity) => activity.startMs <= ms && activity.startMs + activity.ms >= ms);
    const kind = doing?.kind ?? 'held';
    const text = doing?.text ?? 'running code of the program';
    const site = doing?.site ?? siteOf(data, pool.stack[i] ?? -1);
    const key = `${kind}\n${text}\n${site?.file}:${site?.line}`;
    const group = groups.get(key) ?? { kind, text, site, ms: 0, count: 0, knownMs: 0 };
    group.count++;
    groups.set(key, group);
  }
  return { held, pending, groups: [...groups.values()].toSorted((a, b) => b.count - a.count) };
}
