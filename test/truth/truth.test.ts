/**
 * Whether we are right about other people's programs: every way in which Node services talk to PostgreSQL, each as its own
 * documentation has it, faulty and clean.
 */
import test, { type ExecutionContext } from 'ava';
import { writeFileSync } from 'node:fs';
import { analyse } from '../../reports/analyse.js';
import { DEFAULT_LIMITS } from '../../reports/limits.js';
import type { Analysis, RuleId } from '../../reports/model.js';
import { openContext } from '../../reports/rules/context.js';
import { RULES } from '../../reports/rules/index.js';
import { visitHold } from '../../reports/timeline/hold.js';
import { siteOf } from '../../reports/timeline/locate.js';
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

/** Must be compiled, and so is no dependency of ours; a version newer than ours needs a newer node (`npm run test:matrix -- --newest`). */
const isOptional = (missing: string): boolean => missing === 'pg-native' || missing.includes(' ');

for (const program of readPrograms()) {
  const { file, title } = program;
  const missing = missingPackages(program);
  if (missing.length > 0 && (process.env['TEST_MODULES'] !== undefined || missing.every(isOptional))) {
    test.skip(`${file}: ${missing.join(', ')} is not installed`, () => {});
    continue;
  }
  test(`${file}: ${title}`, async (t) => {
    const service = await startHttp(t, (_, response) => void setTimeout(() => response.end('done'), SERVICE_MS));
    const env = { DATABASE_URL: await database(), SERVICE_URL: service, NODE_NO_WARNINGS: '1' };
    const { status, signal, stderr, directory, traces } = await turns.take(() => recordProgram(t, { files: programFiles(), entry: file, env, ...(file.endsWith('ts') ? { nodeArgs: ['--import', 'tsx'] } : {}) }));
    t.is(status, 0, `it ended with ${signal ?? status}: ${stderr}`);
    t.deepEqual(traces.flatMap((trace) => linesOf(trace, 'problem')), [], 'the probe had no trouble');
    const analysis = await analyse([directory]);
    const { report } = analysis;
    const result = score(program, report.findings, KNOWN);
    scores.set(file, result);
    t.deepEqual({ missed: result.missed, falseAlarms: result.falseAlarms }, { missed: [], falseAlarms: [] });
    addsUp(t, analysis);
  });
}

/** For each place that takes connections: SQL, what is awaited at which line, the event loop blocked, and idle time are the time for which it holds them. */
function addsUp(t: ExecutionContext, { timeline, limits }: Analysis): void {
  const context = openContext(timeline, limits ?? DEFAULT_LIMITS);
  const byPlace = new Map<string, { holdMs: number; parts: Map<string, number> }>();
  for (const checkout of timeline.checkouts) {
    if (checkout.acquiredMs === null) continue;
    const endMs = context.endOf(checkout);
    const site = siteOf(context.places.ofCheckout(checkout).stack);
    const key = site === null ? 'nowhere' : `${site.file}:${site.line}`;
    let place = byPlace.get(key);
    if (place === undefined) byPlace.set(key, (place = { holdMs: 0, parts: new Map() }));
    const { parts } = place;
    place.holdMs += endMs - checkout.acquiredMs;
    let atMs = checkout.acquiredMs;
    visitHold(checkout, endMs, context.blocksOf(checkout), (what, startMs, untilMs) => {
      t.true(Math.abs(startMs - atMs) < 1e-6 && untilMs >= startMs, `${key}: no hole and no overlap at ${startMs}`);
      atMs = untilMs;
      const at = what.doing === 'await' ? siteOf(context.places.ofWait(what.wait, what.gap, checkout).stack) : null;
      const name = at === null ? what.doing : `await at ${at.file}:${at.line}`;
      parts.set(name, (parts.get(name) ?? 0) + untilMs - startMs);
    });
    t.true(Math.abs(atMs - endMs) < 1e-6, `${key}: to its end`);
  }
  t.true(byPlace.size > 0);
  for (const [key, { holdMs, parts }] of byPlace) {
    const sum = [...parts.values()].reduce((a, b) => a + b, 0);
    t.true(Math.abs(sum - holdMs) < 1e-3, `${key}: ${JSON.stringify([...parts])} are ${holdMs} ms`);
  }
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
