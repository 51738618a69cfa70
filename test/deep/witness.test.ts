/** The second witness: clinic's trace, followed without the probe's own graph of promises, names what the probe blames. */
import test from 'ava';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TraceLine } from '../../probes/trace/events.js';
import { analyse } from '../../reports/analyse.js';
import type { ChainStep, DeepEvidence, Report } from '../../reports/model.js';
import { renderJson } from '../../reports/renderers/json.js';
import { renderTerminal } from '../../reports/renderers/terminal.js';
import { useDatabase } from '../support/database.js';
import { startHttp } from '../support/http-service.js';
import { programFiles } from '../truth/support/marked-program.js';
import { SCHEMA } from '../truth/support/surroundings.js';
import { WAITS } from './programs.js';
import { lineOf, recordDeep, SERVES } from './record-deep.js';

const { database } = useDatabase(test, { schema: SCHEMA });

const served = SERVES ? test.serial : test.serial.skip;

/** Awaits in transactions by their line. */
function deepByLine({ findings }: Report): Map<number, DeepEvidence | undefined> {
  return new Map(findings.filter(({ rule }) => rule === 'await-in-transaction').map(({ callSite, evidence }) => [callSite?.line ?? 0, evidence.deep]));
}

/** The steps of a gap that were created at a line. */
function stepsAt({ chains }: DeepEvidence, line: number): ChainStep[] {
  return chains.flatMap(({ steps }) => steps).filter(({ role, frames }) => role !== 'origin' && frames.some((frame) => frame.line === line));
}

interface Case {
  entry: string;
  files: Record<string, string>;
  /** Text of each blamed line, and the kind of operation that ended the wait there. */
  waits: readonly (readonly [text: string, operation: RegExp])[];
}

const PROGRAMS = programFiles();
const CASES: Case[] = [
  { entry: 'waits.mjs', files: { 'waits.mjs': WAITS }, waits: [['// fetch', /^TCPWRAP$/], ['// file', /^FILEHANDLECLOSEREQ$|^FSREQPROMISE$/], ['// child', /^PROCESSWRAP$|^PIPEWRAP$/]] },
  { entry: 'knex-faulty.cjs', files: PROGRAMS, waits: [['await fetch', /^TCPWRAP$/], ['await sleep(15)', /^Timeout$/]] },
  { entry: 'sequelize-faulty.cjs', files: PROGRAMS, waits: [['await fetch', /^TCPWRAP$/], ['await sleep(15)', /^Timeout$/]] },
];

for (const { entry, files, waits } of CASES) {
  served(`${entry}: under each blamed await is a chain with its operation and its line`, async (t) => {
    const env = { DATABASE_URL: await database(), SERVICE_URL: await startHttp(t, (_, response) => void setTimeout(() => response.end('done'), 20)), NODE_NO_WARNINGS: '1' };
    const { status, stderr, directory, said } = await recordDeep(t, { files, entry, env });
    t.is(status, 0, stderr);
    t.regex(said.join('\n'), /^lifeguard: --deep: \d+ chains of asynchronous operations beside the traces$/, 'and nothing to excuse');
    t.deepEqual(readdirSync(directory).filter((name) => name.startsWith('deep-')), [], "clinic's data is gone");
    const { report } = await analyse([directory]);
    const deeps = deepByLine(report);
    for (const [text, operation] of waits) {
      const line = lineOf(files[entry] ?? '', text);
      const deep = deeps.get(line);
      if (deep === undefined) throw new Error(`no chain for line ${line}; found ${[...deeps.keys()].join()}`);
      t.true(deep.agrees > 0 && deep.differs === 0, `${line}: ${deep.says}`);
      t.true(stepsAt(deep, line).length > 0, `line ${line}`);
      const completed = deep.chains.map(({ steps }) => steps.filter(({ role }) => role === 'completed').map(({ type }) => type));
      t.true(completed.every((types) => types.some((type) => operation.test(type))), `${line}: ${JSON.stringify(completed)}`);
    }
    t.deepEqual(report.notes.filter((note) => note.includes('async_hooks')), [], 'no doubt');
  });
}

served('where the two disagree, the report says so, and which the second one blames', async (t) => {
  const env = { DATABASE_URL: await database(), SERVICE_URL: await startHttp(t, (_, response) => void response.end('done')) };
  const { directory } = await recordDeep(t, { files: { 'waits.mjs': WAITS }, env });
  const line = lineOf(WAITS, '// file');
  const wrong = lineOf(WAITS, '// child');
  // A probe that has its lines wrong.
  const file = readdirSync(directory).find((name) => name.endsWith('.ndjson')) ?? '';
  const lines = readFileSync(join(directory, file), 'utf8').trimEnd().split('\n').map((text): TraceLine => JSON.parse(text));
  for (const one of lines) if (one.type === 'stack') for (const frame of one.frames) if (frame[2] === line) frame[2] = wrong;
  writeFileSync(join(directory, file), lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const analysis = await analyse([directory]);
  const doubted = analysis.report.findings.flatMap(({ callSite, evidence: { deep } }) => (deep !== undefined && deep.differs > 0 ? [{ callSite, deep }] : []));
  t.is(doubted.length, 1);
  t.is(doubted[0]?.callSite?.line, wrong);
  t.regex(doubted[0]?.deep.says ?? '', new RegExp(`^a file operation \\(\\w+\\), started in readConfig at waits.mjs:${line}, ended the wait$`));
  t.true(analysis.report.notes.some((note) => note.includes('async_hooks does not confirm what waits.mjs')), JSON.stringify(analysis.report.notes));
  const terminal = renderTerminal(analysis, { color: false, width: 100 }).replaceAll(/\s+/g, ' ');
  t.true(terminal.includes('async_hooks does not confirm this'));
  t.true(terminal.includes('async_hooks agrees'), 'of the others it says so');
  t.is(analysis.report.verdict, 'findings');
});

served('a program that awaits nothing in its transactions has no chain, and the report no word of it', async (t) => {
  const clean = WAITS.replace('    await work();\n', '').replace("    client.release();\n", "    client.release();\n    await work();\n");
  const env = { DATABASE_URL: await database(), SERVICE_URL: await startHttp(t, (_, response) => void response.end('done')) };
  const { status, directory, said } = await recordDeep(t, { files: { 'clean.mjs': clean }, env });
  t.is(status, 0);
  t.deepEqual(said, ['lifeguard: --deep: nothing was awaited while a connection was held, so there is no chain to show']);
  const analysis = await analyse([directory]);
  t.deepEqual(analysis.report.findings.filter(({ severity }) => severity !== 'note'), []);
  t.false(renderJson(analysis).includes('async_hooks'));
});
