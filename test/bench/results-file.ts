/** RESULTS.md: the tables that the bench writes, and below them what was counted by hand, which it leaves as it is. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/folder.js';

const RESULTS = join(ROOT, 'test/bench/RESULTS.md');

/** From this line on, to the end of the file, nothing is the bench's. */
export const BY_HAND = "## Peers' own test suites";

const HEAD = `# What the probe costs\n\nWritten by \`npm run bench -- --write\`, down to "${BY_HAND.slice(3)}".\n`;

/** @param tables Markdown. */
export function writeResults(tables: string): void {
  writeFileSync(RESULTS, replaceTables(existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8') : '', tables));
}

/** The file's new text. */
export function replaceTables(before: string, tables: string): string {
  const start = `\n${before}`.indexOf(`\n${BY_HAND}\n`);
  return `${HEAD}\n${tables.trimEnd()}\n${start === -1 ? '' : `\n${before.slice(start)}`}`;
}
