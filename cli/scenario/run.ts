/** Runs scenarios on one database and says what they showed. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { analyse } from '../../reports/analyse.js';
import type { Report } from '../../reports/model.js';
import { renderHtml } from '../../reports/html/render.js';
import { openDatabase, type Database } from '../../scenarios/database/database.js';
import { runScenario, type VariantRun } from '../../scenarios/run.js';
import { ScenarioError, type Scenario, type Variant } from '../../scenarios/scenario.js';
import { EXIT } from '../errors.js';
import { hideFromGit } from '../record/trace-directory.js';
import { defaultLinks } from '../report/links.js';
import { openProgress, type Progress } from '../progress.js';
import { say, writeOut, type Terminal } from '../terminal.js';
import { findLackOfGain, findMismatches } from './judge.js';
import { describeOutcome } from './outcome.js';
import { tabulateOutcomes } from './overview.js';
import { renderSideBySide, SIDE_BY_SIDE } from './side-by-side.js';

export interface ScenarioOptions {
  terminal: Terminal;
  /** An embedded server when there is none. */
  databaseUrl: string | undefined;
  /** Both when not given. */
  variant?: Variant;
}

/** A variant as it ran, and what its report says. */
export interface ReportedRun {
  run: VariantRun;
  report: Report;
  /** Absolute path of the HTML report. */
  html: string;
}

/** A scenario that was run, or why it cannot be here. */
export type Outcome = { scenario: Scenario; reported: ReportedRun[]; mismatches: string[] } | { scenario: Scenario; obstacle: string };

/** @returns the exit code: 1 when a scenario did not show what it is there for. */
export async function runScenarios(scenarios: readonly Scenario[], options: ScenarioOptions): Promise<number> {
  const cancel = new AbortController();
  const onSignal = (): void => cancel.abort(new Interruption());
  for (const signal of SIGNALS) process.once(signal, onSignal);
  const progress = openProgress();
  progress.show(scenarios.length === 1 ? (scenarios[0]?.name ?? '') : `${scenarios.length} scenarios`, 0, 'starting PostgreSQL');
  let server: Database | null = null;
  const outcomes: Outcome[] = [];
  try {
    const openServer = (server = await openDatabase({ url: options.databaseUrl }));
    for (const [index, scenario] of scenarios.entries()) {
      const count = scenarios.length === 1 ? '' : ` (${index + 1} of ${scenarios.length})`;
      const onProgress = (fraction: number, label: string): void => progress.show(`${scenario.name}${count}`, (index + fraction) / scenarios.length, label);
      const outcome = await insist(() => runOne(scenario, openServer, onProgress, cancel.signal, options), progress).catch((error: unknown): Outcome => {
        // One that cannot be run must not keep the others from it; alone, it is the whole work.
        if (!(error instanceof ScenarioError) || scenarios.length === 1) throw error;
        return { scenario, reported: [], mismatches: [error.message] };
      });
      outcomes.push(outcome);
      progress.clear();
      await writeOut(describeOutcome(outcome, options.terminal, scenarios.length > 1));
    }
    if (outcomes.length > 1) await writeOut(tabulateOutcomes(outcomes, options.terminal));
    return outcomes.some((outcome) => 'mismatches' in outcome && outcome.mismatches.length > 0) ? EXIT.findings : EXIT.clean;
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    progress.clear();
    say('interrupted');
    return EXIT.interrupted;
  } finally {
    progress.clear();
    await server?.stop();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** A machine that is busy with something else for a moment can hide a fault, and what its cure gains. */
const ATTEMPTS = 3;

async function insist(run: () => Promise<Outcome>, progress: Progress): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await run();
    if ('obstacle' in outcome || outcome.mismatches.length === 0 || attempt === ATTEMPTS) return outcome;
    progress.clear();
    say(`${outcome.scenario.name} is run again, as it did not show what it must: ${outcome.mismatches.join('; ')}`);
  }
}

async function runOne(scenario: Scenario, server: Database, onProgress: (fraction: number, label: string) => void, signal: AbortSignal, options: ScenarioOptions): Promise<Outcome> {
  const obstacle = scenario.findObstacle?.() ?? (options.variant !== undefined && scenario.variants[options.variant] === undefined ? `it has no ${options.variant} variant` : null);
  if (obstacle !== null) return { scenario, obstacle };
  const directory = resolve('.lifeguard', `scenario-${scenario.name}`);
  // The traces of the last time would be reported with the new ones.
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  hideFromGit(dirname(directory));
  const run = await runScenario(scenario, { server, directory, onProgress, signal, ...(options.variant && { variant: options.variant }) });
  const reported: ReportedRun[] = [];
  for (const variant of run.variants) reported.push(await reportRun(variant, directory));
  const lack = findLackOfGain(run);
  const outcome = { scenario, reported, mismatches: [...reported.flatMap(({ run, report }) => findMismatches(scenario, run, report)), ...(lack === null ? [] : [lack])] };
  const sources = Object.fromEntries(run.variants.map(({ variant, source }) => [variant, readFileSync(source, 'utf8')]));
  if (reported.length > 1) writeFileSync(join(directory, SIDE_BY_SIDE), renderSideBySide(outcome, sources));
  return outcome;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

class Interruption extends Error {}

async function reportRun(run: VariantRun, directory: string): Promise<ReportedRun> {
  const analysis = await analyse([run.directory]);
  const html = join(directory, `${run.variant}.html`);
  const links = defaultLinks(analysis.report.run.cwd);
  writeFileSync(html, renderHtml(analysis, links === undefined ? {} : { links }));
  return { run, report: analysis.report, html };
}
