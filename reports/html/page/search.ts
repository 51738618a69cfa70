import { WAIT_KINDS } from '../../../probes/trace/events.js';
import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { textOf, type PoolModel } from './model.js';

/** The checkouts of a pool in which a text occurs. */
export interface Matches {
  /** 1: it does. By checkout. */
  flags: Uint8Array;
  /** Positions, in order of the request. */
  list: number[];
}

/**
 * Looks for a text in statements, call sites (function, file:line), what was awaited, errors and the pool's name; any case.
 * Each text and stack is looked at once, whatever the number of checkouts.
 */
export function searchPool(data: PageData, pool: PoolModel, query: string): Matches {
  const wanted = query.trim().toLowerCase();
  const flags = new Uint8Array(pool.count);
  if (wanted === '') return { flags, list: [] };
  const has = (text: string): boolean => text.toLowerCase().includes(wanted);
  const whole = has(pool.page.label);
  const texts = Uint8Array.from(data.strings, (text) => Number(has(text)));
  const frames = data.frames.map(([name, file, line]) => has(`${textOf(data, name)} ${textOf(data, file)}:${line}`));
  const stacks = Uint8Array.from(data.stacks, (stack) => Number(stack.frames.some((frame) => frames[frame] === true) || texts[stack.via] === 1));
  const kinds = WAIT_KINDS.map((kind) => has(kind));
  const text = (index: number | undefined): boolean => index !== undefined && index >= 0 && texts[index] === 1;
  const stack = (index: number | undefined): boolean => index !== undefined && index >= 0 && stacks[index] === 1;
  const list: number[] = [];
  for (let i = 0; i < pool.count; i++) {
    let found = whole || stack(pool.stack[i]) || text(pool.error[i]) || String(at(pool.id, i)) === wanted;
    for (let q = at(pool.queryFrom, i); !found && q < at(pool.queryFrom, i + 1); q++) found = text(pool.query.statement[q]) || stack(pool.query.stack[q]) || text(pool.query.error[q]);
    for (let g = at(pool.gapFrom, i); !found && g < at(pool.gapFrom, i + 1); g++) {
      found = stack(pool.gap.ended[g]);
      for (let w = at(pool.waitFrom, g); !found && w < at(pool.waitFrom, g + 1); w++) found = text(pool.wait.detail[w]) || stack(pool.wait.started[w]) || stack(pool.wait.awaited[w]) || kinds[at(pool.wait.kind, w)] === true;
    }
    if (!found) continue;
    flags[i] = 1;
    list.push(i);
  }
  return { flags, list };
}
