import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { CallSite, RuleId, Stack } from '../model.js';
import { siteOf } from '../timeline/locate.js';

const LENGTH = 16;

/** What a finding is named by. */
export interface Identity {
  rule: RuleId;
  /** What tells occurrences of the rule apart: a cause, what is awaited. */
  kind: string;
  stack: Stack | null;
  statement: string;
}

/**
 * A name for a finding that stays when lines move, when the project lies elsewhere, when a list of values is longer and
 * when a package is updated: rule, kind, function, file, statement. `ordinal` tells apart what is alike in all of them.
 */
export function fingerprint({ rule, kind, stack, statement }: Identity, cwd: string, ordinal = 0): string {
  const site = siteOf(stack);
  const via = stack?.via ?? null;
  const where = site !== null ? [nameOf(site, stack), normaliseFile(site.file, cwd)] : via !== null ? [via.function, via.package] : [];
  const parts = [rule, kind, ...where, normaliseStatement(statement), ...(ordinal === 0 ? [] : [String(ordinal)])];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, LENGTH);
}

/**
 * The function; of one without a name, the one that it is written in: that made it, and is among its callers most times,
 * shortly above it in the same file. Failing that, the nearest caller with a name.
 */
function nameOf(site: CallSite, stack: Stack | null): string {
  if (site.function !== '') return site.function;
  const named = (stack?.frames ?? []).filter(({ function: name }) => name !== '');
  const above = named.filter(({ file, line }) => file === site.file && line <= site.line).toSorted((a, b) => b.line - a.line);
  const nearest = above[0] ?? named[0];
  return nearest === undefined ? '' : `in ${nearest.function}`;
}

/** Files outside of the cwd by their way from there, and without the content hashes that bundlers put into names. */
function normaliseFile(file: string, cwd: string): string {
  const path = file.startsWith('/') && cwd.startsWith('/') ? posix.relative(cwd, file) : file;
  return path.replace(/[.-][0-9a-f]{8,}(?=\.)/g, '');
}

/** `in ($1, $2, $3)` and `in ($1)`, one row of values and ten, are the same statement. */
export function normaliseStatement(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/(\$\d+|\?)(?:\s*,\s*(?:\$\d+|\?|…))*/g, '?')
    .replace(/\(\?\)(?:\s*,\s*(?:\(\?\)|…))+/g, '(?)');
}
