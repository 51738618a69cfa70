/**
 * Whether we are right about other people's programs: every way in which Node services talk to PostgreSQL, each as its own
 * documentation has it, faulty and clean.
 */
import test from 'ava';
import { writeFileSync } from 'node:fs';
import { analyse } from '../../reports/analyse.js';
import type { RuleId } from '../../reports/model.js';
import { RULES } from '../../reports/rules/index.js';
import { useDatabase } from '../support/database.js';
import { startHttp } from '../support/http-service.js';
import { linesOf, recordProgram } from '../support/program.js';
import { missingPackages, programFiles, readPrograms, score, type Score } from './support/marked-program.js';
import { SCHEMA, SERVICE_MS } from './support/surroundings.js';
import { Turns } from './support/turns.js';

const { database } = useDatabase(test, { schema: SCHEMA });

/** So many programs run at a time: they are not to be late because of each other. */
const AT_ONCE = 5;
const turns = new Turns(AT_ONCE);

const KNOWN: RuleId[] = RULES.map(({ id }) => id);
const scores = new Map<string, Score>();

/** Must be compiled, and so is no dependency of ours. */
const OPTIONAL = ['pg-native'];

for (const program of readPrograms()) {
  const { file, title } = program;
  const missing = missingPackages(program);
  if (missing.length > 0 && (process.env['TEST_MODULES'] !== undefined || missing.every((name) => OPTIONAL.includes(name)))) {
    test.skip(`${file}: ${missing.join(', ')} is not installed`, () => {});
    continue;
  }
  test(`${file}: ${title}`, async (t) => {
    const service = await startHttp(t, (_, response) => void setTimeout(() => response.end('done'), SERVICE_MS));
    const env = { DATABASE_URL: await database(), SERVICE_URL: service, NODE_NO_WARNINGS: '1' };
    const { status, signal, stderr, directory, traces } = await turns.take(() => recordProgram(t, { files: programFiles(), entry: file, env, ...(file.endsWith('ts') ? { nodeArgs: ['--import', 'tsx'] } : {}) }));
    t.is(status, 0, `it ended with ${signal ?? status}: ${stderr}`);
    t.deepEqual(traces.flatMap((trace) => linesOf(trace, 'problem')), [], 'the probe had no trouble');
    const { report } = await analyse([directory]);
    const result = score(program, report.findings, KNOWN);
    scores.set(file, result);
    t.deepEqual({ missed: result.missed, falseAlarms: result.falseAlarms }, { missed: [], falseAlarms: [] });
  });
}

test.after.always('what was found', (t) => {
  const rows = [...scores].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([file, { found, missed, falseAlarms }]) => row(file, found.length, missed.length, falseAlarms.length));
  const sum = (of: 'found' | 'missed' | 'falseAlarms'): number => [...scores.values()].reduce((total, one) => total + one[of].length, 0);
  const file = process.env['TRUTH_SCORES'];
  if (file !== undefined) writeFileSync(file, JSON.stringify({ found: sum('found'), missed: sum('missed'), falseAlarms: sum('falseAlarms') }));
  t.log([row('program', 'found', 'missed', 'false'), ...rows].join('\n'));
});

function row(name: string, ...numbers: (string | number)[]): string {
  return name.padEnd(32) + numbers.map((number) => String(number).padStart(8)).join('');
}
