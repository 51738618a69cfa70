/** Whether a scenario's report says what it must, and nothing else, and whether the fix is worth it. */
import { basename } from 'node:path';
import type { Report } from '../../reports/model.js';
import { sayMs } from '../../reports/words.js';
import type { ScenarioRun, VariantRun } from '../../scenarios/run.js';
import { expectationsOf, findMarkedLine, type Expectation, type Scenario } from '../../scenarios/scenario.js';
import { headlineRow, sayRate } from '../../scenarios/summary.js';

/** In words, what is missing and what is too much; empty when all is as expected. Notes are too much for nobody. */
export function findMismatches(scenario: Scenario, run: VariantRun, report: Report): string[] {
  const { variant, source } = run;
  const expect = expectationsOf(scenario, variant);
  const missing = expect.filter((expectation) => !isMet(expectation, source, report)).map((expectation) => `${variant}: expected ${describe(expectation, source)}, not found`);
  const may = [...(variant === 'faulty' ? (scenario.variants.faulty?.mayHave ?? []) : []), ...expect.filter(({ severity }) => severity !== 'note').map(({ rule }) => rule)];
  const excess = report.findings
    .filter(({ rule, severity }) => severity !== 'note' && !may.includes(rule))
    .map(({ rule, title }) => `${variant}: unexpected ${rule}: ${title}`);
  return [...missing, ...excess, ...findDoubts(run, report)];
}

/** A fixed variant of which nothing was seen would be as silent as one that is well. */
function findDoubts({ variant, steps }: VariantRun, { verdict, missing }: Report): string[] {
  const answered = variant === 'faulty' || steps.some(({ requests, non2xx }) => requests > non2xx);
  return [...(answered ? [] : [`${variant}: no request was answered well`]), ...(verdict === 'inconclusive' ? [`${variant}: inconclusive: ${missing.join('; ')}`] : [])];
}

/** In words, what the fixed twin should have gained and did not; null when it did, or when only one was run. */
export function findLackOfGain(run: ScenarioRun): string | null {
  const { gain } = run.scenario;
  const { faulty, fixed } = headlineRow(run, gain?.step).cells;
  if (gain === undefined || !faulty || !fixed) return null;
  const failing = fixed.failed > 0 || fixed.requestsPerSecond === 0 ? `, and ${fixed.failed} requests of the fixed variant failed` : '';
  const said = (what: string, before: string, after: string): string => `expected ${what}, got ${before} → ${after}${failing}`;
  switch (gain.in) {
    case 'throughput':
      return fixed.requestsPerSecond >= faulty.requestsPerSecond * gain.factor && failing === '' ? null : said(`${gain.factor} × the throughput`, sayRate(faulty.requestsPerSecond), `${sayRate(fixed.requestsPerSecond)} requests/s`);
    case 'latency':
      return (faulty.requestsPerSecond === 0 || fixed.p50Ms * gain.factor <= faulty.p50Ms) && failing === '' ? null : said(`half of the answers ${gain.factor} × as fast`, sayMs(faulty.p50Ms), sayMs(fixed.p50Ms));
    case 'answers':
      return (faulty.failed > 0 || faulty.requestsPerSecond === 0) && failing === '' ? null : said('answers where there were failures', `${faulty.failed}`, `${fixed.failed} failed`);
    default:
      return gain.in satisfies never;
  }
}

function isMet({ rule, cause, marker, severity }: Expectation, source: string, { findings, episodes }: Report): boolean {
  const line = marker === null ? null : findMarkedLine(source, marker);
  const found = findings.some((finding) => finding.rule === rule && (line === null || isAt(finding.callSite, source, line)) && (finding.severity === 'note') === (severity === 'note'));
  return found && (cause === undefined || episodes.some((episode) => episode.cause === cause));
}

/** Whether a call site is a line of a source. */
export function isAt(site: { file: string; line: number } | null, source: string, line: number): boolean {
  return site !== null && site.line === line && basename(site.file) === basename(source);
}

function describe({ rule, cause, marker }: Expectation, source: string): string {
  const place = marker === null ? '' : ` at ${basename(source)}:${findMarkedLine(source, marker)}`;
  return `${rule}${cause === undefined ? '' : ` (${cause})`}${place}`;
}
