/** The chains of the deep mode as the page shows them. */
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sayOperation, sayWitness } from '../deep/words.js';
import type { CallSite, Chain, ChainStep, DeepEvidence } from '../model.js';
import type { PageChain, PageDeep, PageStep } from './page-data.js';
import { visibleText } from './visible-text.js';

/** A fetch makes fifty promises; in the page, those that were created at one place are one row. */
const MOST_ROWS = 40;
const FRAMES = 4;

/**
 * @param cwd of the run; the graph's path may be relative to it.
 * @param folder of the page, where that is known: then the link is relative, and the two may be moved together.
 */
export function buildPageDeep(deep: DeepEvidence, cwd: string, folder: string | undefined): PageDeep {
  return {
    agrees: deep.differs === 0,
    says: visibleText(`${sayWitness(deep)}: ${deep.says}.`),
    graph: deep.graph === null ? '' : linkTo(resolve(cwd, deep.graph), folder),
    chains: deep.chains.map(buildChain),
  };
}

function linkTo(file: string, folder: string | undefined): string {
  if (folder === undefined) return pathToFileURL(file).href;
  return relative(folder, file).split(/[\\/]/).map(encodeURIComponent).join('/');
}

function buildChain({ startMs, ms, steps }: Chain): PageChain {
  const rows: PageStep[] = [];
  let last: ChainStep | undefined;
  for (const step of steps) {
    const row = rows.at(-1);
    if (row !== undefined && last !== undefined && isAlike(step, last)) {
      row.count += 1;
      row.ranMs = later(row.ranMs, ranIn(step, startMs));
    } else rows.push(buildStep(step, startMs));
    last = step;
  }
  return { startMs, ms, operations: steps.length, steps: rows.slice(-MOST_ROWS) };
}

/** What goes on in a turn without the application: how is node's and the packages' own matter. */
function isMachinery({ role, frames, via }: ChainStep): boolean {
  return role === 'resumed' && frames.length === 0 && via === null;
}

function isAlike(a: ChainStep, b: ChainStep): boolean {
  if (isMachinery(a) && isMachinery(b)) return true;
  return a.type === b.type && a.role === b.role && JSON.stringify([a.frames, a.via?.package]) === JSON.stringify([b.frames, b.via?.package]);
}

/** Times are relative to the wait. */
function buildStep(step: ChainStep, startMs: number): PageStep {
  return {
    id: step.asyncId,
    what: isMachinery(step) ? 'promises and ticks without the application' : visibleText(sayOperation(step.type)),
    role: step.role,
    count: 1,
    createdMs: step.createdMs - startMs,
    ranMs: ranIn(step, startMs),
    frames: step.frames.slice(0, FRAMES).map(({ file, line, column, function: name }): CallSite => ({ file: visibleText(file), line, column, function: visibleText(name) })),
    via: step.via === null ? '' : visibleText(step.via.package),
  };
}

function ranIn({ ranMs }: ChainStep, startMs: number): number | null {
  return ranMs === null ? null : ranMs - startMs;
}

function later(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
