/** Runs scenarios on one database and says what they showed. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { analyse } from '../../reports/analyse.js';
import type { Report } from '../../reports/model.js';
import { renderers } from '../../reports/renderers/index.js';
import { openDatabase } from '../../scenarios/database/database.js';
import { runScenario, type VariantRun } from '../../scenarios/run.js';
import type { Scenario, Variant } from '../../scenarios/scenario.js';
import { EXIT } from '../errors.js';
import { hideFromGit } from '../record/trace-directory.js';
import { openProgress } from '../progress.js';
import { say, writeOut, type Terminal } from '../terminal.js';
import { findMismatches } from './judge.js';
import { describeOutcome } from './outcome.js';

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

/** @returns the exit code: 1 when a scenario did not show what it is there for. */
export async function runScenarios(scenarios: readonly Scenario[], options: ScenarioOptions): Promise<number> {
  const cancel = new AbortController();
  const onSignal = (): void => cancel.abort(new Interruption());
  for (const signal of SIGNALS) process.once(signal, onSignal);
  const progress = openProgress();
  progress.show(scenarios.map(({ name }) => name).join(', '), 0, 'starting PostgreSQL');
  let database: Awaited<ReturnType<typeof openDatabase>> | null = null;
  let status: number = EXIT.clean;
  try {
    database = await openDatabase({ url: options.databaseUrl });
    for (const scenario of scenarios) {
      const onProgress = (fraction: number, label: string): void => progress.show(scenario.name, fraction, label);
      const directory = resolve('.lifeguard', `scenario-${scenario.name}`);
      // The traces of the last time would be reported with the new ones.
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      hideFromGit(dirname(directory));
      const { variants } = await runScenario(scenario, { databaseUrl: database.url, directory, onProgress, signal: cancel.signal, ...(options.variant && { variant: options.variant }) });
      const reported: ReportedRun[] = [];
      for (const run of variants) reported.push(await reportRun(run, directory));
      progress.clear();
      const mismatches = reported.flatMap(({ run, report }) => findMismatches(scenario, run, report));
      await writeOut(describeOutcome(scenario, reported, mismatches, options.terminal));
      if (mismatches.length > 0) status = EXIT.findings;
    }
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    progress.clear();
    say('interrupted');
    status = EXIT.interrupted;
  } finally {
    progress.clear();
    await database?.stop();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
  return status;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

class Interruption extends Error {}

async function reportRun(run: VariantRun, directory: string): Promise<ReportedRun> {
  const analysis = await analyse([run.directory]);
  const html = join(directory, `${run.variant}.html`);
  writeFileSync(html, renderers.html(analysis));
  return { run, report: analysis.report, html };
}
