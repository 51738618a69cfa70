/**
 * The tests that depend on node and on pg, on every version of either that is supported: see USAGE. What a suite does not
 * need of pg alone (the ORMs, which bring or pin their own) runs with the installed version.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, versionIn } from '../support/folder.js';
import { NEWEST_FILES, SUITES, USAGE, parseOptions, type Options } from './options.js';
import { runTests, type Outcome } from './run-tests.js';
import { isGood, renderTable, type Cell } from './table.js';
import { findNewest, findNode, findPg, type NodeInstallation, type PgInstallation } from './versions.js';

const RESULTS = join(ROOT, 'test/matrix/RESULTS.md');
const NEWEST_RESULTS = join(ROOT, 'test/matrix/NEWEST.md');

async function main(args: string[]): Promise<boolean> {
  const options = parseOptions(args);
  if (options.newest) return runNewest(options);
  const nodes: NodeInstallation[] = [];
  for (const major of options.nodes) nodes.push(await findNode(major));
  const pgs: PgInstallation[] = [];
  for (const minor of options.pgs) pgs.push(await findPg(minor));
  const cells: Cell[] = [];
  for (const node of nodes) {
    for (const pg of pgs) {
      const outcome = await runCell(options, node, pg);
      cells.push({ node: node.version, pg: pg.version, outcome });
    }
  }
  const table = renderTable(cells);
  process.stdout.write(`\n${table}\nfaults found / missed / false alarms · tests passed / failed\n`);
  sayFailures(cells);
  if (options.write) writeFileSync(RESULTS, `# Node and pg versions\n\n\`${USAGE}\`\n\nFaults found / missed / false alarms in the programs of test/truth · tests passed / failed.\n\n${table}`);
  return cells.every(({ outcome }) => isGood(outcome));
}

async function runNewest(options: Options): Promise<boolean> {
  const { modules, versions, node: lowest } = await findNewest();
  const cells: Cell[] = [];
  for (const major of options.nodes.length === 0 ? [lowest] : options.nodes) {
    const node = await findNode(major);
    const name = `Node ${node.version}, newest libraries`;
    const outcome = await runFiles(name, node, modules, NEWEST_FILES, options.timeoutMs);
    cells.push({ node: node.version, pg: `${versionIn(modules, 'pg')} and the newest libraries`, outcome });
  }
  const table = renderTable(cells);
  process.stdout.write(`\n${table}\nfaults found / missed / false alarms · tests passed / failed, with ${versions.join(', ')}\n`);
  sayFailures(cells);
  if (options.write) writeFileSync(NEWEST_RESULTS, `# The newest libraries\n\n\`${USAGE}\`\n\nFaults found / missed / false alarms in the programs of test/truth · tests passed / failed.\n\n${table}\nWith ${versions.join(', ')}.\n`);
  return cells.every(({ outcome }) => isGood(outcome));
}

function sayFailures(cells: readonly Cell[]): void {
  for (const { node, pg, outcome } of cells) for (const title of outcome.failed) process.stdout.write(`failed on Node ${node} with pg ${pg}: ${title}\n`);
}

async function runCell({ suites, all, timeoutMs }: Options, node: NodeInstallation, pg: PgInstallation): Promise<Outcome> {
  const files = all && pg.modules === null ? [] : suites.flatMap((suite) => (pg.modules === null ? SUITES[suite].files : SUITES[suite].ofPg));
  return runFiles(`Node ${node.version}, pg ${pg.version}`, node, pg.modules, files, timeoutMs);
}

async function runFiles(name: string, node: NodeInstallation, modules: string | null, files: readonly string[], timeoutMs: number): Promise<Outcome> {
  const start = performance.now();
  const show = ({ passed, failed }: Outcome): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${name}: ${passed} passed, ${failed.length} failed, ${Math.round((performance.now() - start) / 1000)} s`);
  };
  const outcome = await runTests(node.executable, modules, files, timeoutMs, show);
  const seconds = Math.round((performance.now() - start) / 1000);
  const { scores } = outcome;
  const truth = scores === null ? '' : `; ${scores.found} faults found, ${scores.missed} missed, ${scores.falseAlarms} false alarms`;
  process.stderr.write(`${process.stderr.isTTY ? '\r\u001B[K' : ''}${name}: ${outcome.passed} passed, ${outcome.failed.length} failed${truth}${outcome.timedOut ? `; ended after ${seconds} s` : ` (${seconds} s)`}\n`);
  return outcome;
}

try {
  if (process.argv.includes('--help')) process.stdout.write(`${USAGE}\n`);
  else process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`matrix: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
