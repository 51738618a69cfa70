/** The rules on real programs and a real database: all that is found in each of them, and nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { analyse } from '../../reports/analyse.js';
import type { Analysis, Finding } from '../../reports/model.js';
import { folderWith, lifeguard } from '../cli/lifeguard.js';
import { useDatabase } from '../support/database.js';
import { ROOT } from '../support/folder.js';

const FOLDER = join(ROOT, 'test/rules-real/programs');
const SCHEMA = 'create table orders (id serial primary key, amount integer); create table audit (id serial primary key, what text)';

const { database } = useDatabase(test, { schema: SCHEMA });

/** The command's status: 0, or that of a signal that the program sends to itself when it has gone on for long enough. */
function statusOf(source: string): number {
  return /^\/\/ ended by SIGTERM$/m.test(source) ? 128 + constants.signals.SIGTERM : 0;
}

/** What the comments say: "rule line", sorted; with `note` in front where it is no more than that. */
function marksOf(source: string): string[] {
  const marks = source.split('\n').flatMap((line, index) => {
    const said = /\/\/ ← (.+)$/.exec(line)?.[1] ?? '';
    return said.split(', ').filter((rule) => rule !== '').map((rule) => `${rule} ${index + 1}`);
  });
  return marks.toSorted();
}

/** The same of what was found. Notes count only where one is expected: a busy machine gives cause to some. */
function foundIn({ report }: Analysis, marks: readonly string[]): string[] {
  const said = report.findings.map(({ severity, rule, callSite }) => `${severity === 'note' ? 'note ' : ''}${rule} ${callSite?.line ?? 0}`);
  return said.filter((text) => !text.startsWith('note ') || marks.includes(text)).toSorted();
}

async function record(t: ExecutionContext, name: string): Promise<Analysis> {
  const source = readFileSync(join(FOLDER, name), 'utf8');
  const cwd = folderWith(t, { [name]: source });
  const env = { DATABASE_URL: await database(), NODE_NO_WARNINGS: '1' };
  const said = await lifeguard(t, ['record', '--out', 'traces', '--', process.execPath, name], { cwd, env });
  t.is(said.status, statusOf(source), said.stderr);
  const analysis = await analyse([join(cwd, 'traces')]);
  t.deepEqual(analysis.report.lost, { events: 0, probeErrors: 0, badLines: 0 });
  return analysis;
}

/** What is to be found besides the lines. */
const MORE: Record<string, (t: ExecutionContext, of: (rule: Finding['rule']) => Finding['evidence'], analysis: Analysis) => void> = {
  'deadlock.mjs': (t, of, { report }) => {
    const { facts, cycle } = of('pool-deadlock');
    t.deepEqual([facts['flows'], facts['behind'], facts['depth'], facts['smallestSafePool'], facts['endedBy']], [2, 1, 2, 4, 'the end of the trace']);
    t.deepEqual(cycle?.map(({ flows, heldAt, wantedAt }) => [flows, heldAt?.function, wantedAt?.function]), [[2, 'order', 'audit']]);
    t.true(report.episodes.some(({ cause }) => cause === 'deadlocked'));
  },
  'deadlock-predicted.mjs': (t, of) => {
    const { facts } = of('nested-checkout');
    t.deepEqual([facts['deadlockFromFlows'], facts['depth'], facts['poolMax']], [6, 2, 6]);
    t.is(Number(facts['smallestSafePool']), Number(facts['flowsAtOnce']) + 1);
  },
  'leak-clean.mjs': (t, _, { timeline }) => {
    const gaps = timeline.checkouts.filter(({ stack }) => stack?.frames[0]?.function === 'waitingLater').map(({ gaps: own }) => own.at(-1));
    t.deepEqual(gaps.map((gap) => [gap?.open, gap?.waits.map(({ kind }) => kind)]), [[true, ['timer', 'http']]], 'what it waited for before is kept');
  },
  'leak.mjs': (t, of) => t.is(of('connection-leak').facts['certain'], 0),
  'leak-at-exit.mjs': (t, of) => t.true(Number(of('connection-leak').facts['certain']) > 0),
  'transactions.mjs': (t, of) => t.is(of('transaction-on-pool').facts['laterCheckoutsInside'], 2),
  'statements.mjs': (t, of) => {
    t.is(of('repeated-query').facts['timesMax'], 25);
    t.is(of('serialized-queries').facts['atOnceMax'], 5);
  },
};

for (const name of readdirSync(FOLDER)) {
  const source = readFileSync(join(FOLDER, name), 'utf8');
  const [title = ''] = source.split('\n');
  test(`${name}: ${title.replace(/^\/\/ /, '')}`, async (t) => {
    const analysis = await record(t, name);
    const marks = marksOf(source);
    t.deepEqual(foundIn(analysis, marks), marks, analysis.report.findings.map((finding) => `${finding.severity} ${finding.rule}: ${finding.title}`).join('\n'));
    const evidenceOf = (rule: Finding['rule']): Finding['evidence'] => {
      const finding = analysis.report.findings.find((found) => found.rule === rule);
      if (finding === undefined) throw new Error(`${name} has no ${rule}`);
      return finding.evidence;
    };
    MORE[name]?.(t, evidenceOf, analysis);
  });
}
