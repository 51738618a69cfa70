/** Whether a scenario's report says what it must, and nothing else. */
import { basename } from 'node:path';
import type { Report } from '../../reports/model.js';
import type { VariantRun } from '../../scenarios/run.js';
import { findMarkedLine, type Expectation, type Scenario } from '../../scenarios/scenario.js';

/** In words, what is missing and what is too much; empty when all is as expected. Notes are not judged. */
export function findMismatches(scenario: Scenario, run: VariantRun, report: Report): string[] {
  const { variant, source } = run;
  const { expect } = scenario.variants[variant];
  const missing = expect.filter((expectation) => !isMet(expectation, source, report)).map((expectation) => `${variant}: expected ${describe(expectation, source)}, not found`);
  const excess = report.findings
    .filter(({ rule, severity }) => severity !== 'note' && !expect.some((expectation) => expectation.rule === rule))
    .map(({ rule, title }) => `${variant}: unexpected ${rule}: ${title}`);
  return [...missing, ...excess, ...findDoubts(run, report)];
}

/** A fixed variant of which nothing was seen would be as silent as one that is well. */
function findDoubts({ variant, steps }: VariantRun, { verdict, missing }: Report): string[] {
  const answered = steps.some(({ requests, non2xx }) => requests > non2xx);
  return [...(answered ? [] : [`${variant}: no request was answered well`]), ...(verdict === 'inconclusive' ? [`${variant}: inconclusive: ${missing.join('; ')}`] : [])];
}

function isMet({ rule, cause, marker }: Expectation, source: string, { findings, episodes }: Report): boolean {
  const line = marker === null ? null : findMarkedLine(source, marker);
  const found = findings.some((finding) => finding.rule === rule && (line === null || isAt(finding.callSite, source, line)));
  return found && (cause === undefined || episodes.some((episode) => episode.cause === cause));
}

function isAt(site: { file: string; line: number } | null, source: string, line: number): boolean {
  return site !== null && site.line === line && basename(site.file) === basename(source);
}

function describe({ rule, cause, marker }: Expectation, source: string): string {
  const place = marker === null ? '' : ` at ${basename(source)}:${findMarkedLine(source, marker)}`;
  return `${rule}${cause === undefined ? '' : ` (${cause})`}${place}`;
}
