import { posix } from 'node:path';
import type { Finding } from '../model.js';
import { sayStatement } from '../words.js';
import { RULE_TEXTS } from './rule-texts.js';

/**
 * What a finding is about, in words without a line or a measured number: the same from run to run and when lines move.
 * "Await inside an open transaction: placeOrder in orders.ts (GET pay.example/charge)".
 */
export function nameFinding(finding: Finding, cwd: string): string {
  const { rule, callSite, frames, via, evidence } = finding;
  // A callback has no name of its own; whoever passed it has.
  const name = frames.find((frame) => frame.function !== '')?.function ?? '';
  const where = callSite !== null ? sayWhere(callSite.function || name, relativeFile(callSite.file, cwd)) : via !== null ? sayWhere(via.function, via.package) : '';
  const awaited = evidence.facts['awaited'];
  const what = typeof awaited === 'string' ? withoutNumbers(awaited) : sayStatement(evidence.statements[0] ?? '');
  return `${RULE_TEXTS[rule].title}${where === '' ? '' : `: ${where}`}${what === '' ? '' : ` (${what})`}`;
}

/** Test suites listen on any port, delays are random, and an address holds the ids of what it is about. */
function withoutNumbers(awaited: string): string {
  return awaited
    .replace(/ \(\d+ ms\)$/, '')
    .replace(/:\d+(?=\/|$)/, '')
    .replace(/\/(?=[^/]*\d)[\da-f-]+(?=\/|$)/gi, '/…');
}

function sayWhere(name: string, file: string): string {
  return name === '' ? file : `${name} in ${file}`;
}

/** By its way from `root`, with forward slashes; what cannot be reached from there stays as it is. */
export function relativeFile(file: string, root: string): string {
  const path = file.replaceAll('\\', '/');
  const base = root.replaceAll('\\', '/');
  return path.startsWith('/') && base.startsWith('/') ? posix.relative(base, path) : path;
}
