import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { RuleId, Stack } from '../model.js';
import { siteOf } from '../timeline/locate.js';

const LENGTH = 16;

/**
 * A name for a finding that stays when lines move, when the project lies elsewhere, when a list of values is longer and
 * when a package is updated: rule, function, file, statement. `ordinal` tells apart what is alike in all of them.
 */
export function fingerprint(rule: RuleId, stack: Stack | null, statement: string, cwd: string, ordinal = 0): string {
  const site = siteOf(stack);
  const via = stack?.via ?? null;
  const where = site !== null ? [site.function, normaliseFile(site.file, cwd)] : via !== null ? [via.function, via.package] : [];
  const parts = [rule, ...where, normaliseStatement(statement), ...(ordinal === 0 ? [] : [String(ordinal)])];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, LENGTH);
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
