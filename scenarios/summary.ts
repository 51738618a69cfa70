/** What the load of a scenario's run shows, as rows and as sentences. Pure. */
import type { ScenarioRun, VariantRun } from './run.js';
import type { LoadResult } from './load/load.js';
import { headlineOf, type LoadStep, type Scenario, type Variant } from './scenario.js';

export interface StepCell {
  /** Answered well. */
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Requests without a response, or with another status than 2xx. */
  failed: number;
}

export interface StepRow {
  /** Its label, or how many requests at a time. */
  title: string;
  connections: number;
  /** The first step of rising concurrency at which there are more requests than connections in the pool. */
  overflow: boolean;
  cells: Partial<Record<Variant, StepCell>>;
}

/** Whether the steps are of rising concurrency, and not such as before, during and after. */
export function isStaircase({ steps }: Scenario): boolean {
  return steps.every(({ label }) => label === undefined);
}

/** One row a step; those of rising concurrency in its order. */
export function tabulateSteps({ scenario, variants }: ScenarioRun): StepRow[] {
  const stairs = isStaircase(scenario);
  const indexed = scenario.steps.map((step, index) => ({ step, index }));
  const ordered = stairs ? indexed.toSorted((a, b) => a.step.connections - b.step.connections) : indexed;
  const firstOver = stairs ? ordered.find(({ step }) => step.connections > scenario.poolSize)?.index : undefined;
  return ordered.map(({ step, index }) => {
    const cells: StepRow['cells'] = {};
    for (const run of variants) {
      const result = run.steps[index];
      if (result) cells[run.variant] = toCell(result);
    }
    return { title: step.label ?? String(step.connections), connections: step.connections, overflow: index === firstOver, cells };
  });
}

/** The step that is compared between the variants, or the one at `index`. */
export function headlineRow({ scenario, variants }: ScenarioRun, index = headlineOf(scenario)): Pick<StepRow, 'cells'> & { step: LoadStep | undefined } {
  const cells: StepRow['cells'] = {};
  for (const run of variants) {
    const result = run.steps[index];
    if (result) cells[run.variant] = toCell(result);
  }
  return { step: scenario.steps[index], cells };
}

/**
 * What one sees: of rising concurrency a sentence on each variant, when there are more requests than connections, and
 * one on what the fix gains; of other steps that one alone. They say what was measured, so a service that does not wait
 * is said not to.
 */
export function describeSteps(run: ScenarioRun): string[] {
  const stairs = isStaircase(run.scenario) ? run.variants.flatMap((variant) => describeStaircase(run, variant) ?? []) : [];
  const gain = describeGain(run);
  return [...stairs, ...(gain === null ? [] : [gain]), ...describeRemarks(run)];
}

/** The slowest of a step that take this much longer than half of the requests did before: a queue, no noise. */
const WAITS_FACTOR = 1.6;
/** And this much over the slowest before. */
const NOISE_FACTOR = 1.2;

function describeStaircase({ scenario, variants }: ScenarioRun, run: VariantRun): string | null {
  const over = scenario.steps.map(({ connections }) => connections).filter((connections) => connections > scenario.poolSize);
  const full = resultAt(run, scenario.poolSize);
  const next = resultAt(run, Math.min(...over));
  const last = resultAt(run, Math.max(...over));
  if (!full || !next || !last) return null;
  const name = variants.length > 1 ? `${capitalize(run.variant)}: with` : 'With';
  const [before, after] = [full.latency.p99Ms, next.latency.p99Ms];
  const failing = run.steps.find(({ errors, non2xx }) => errors + non2xx > 0);
  if (failing !== undefined) return `${name} ${failing.connections} requests at a time ${failing.errors + failing.non2xx} fail.`;
  const slowest = `${name} ${full.connections} requests at a time the slowest take ${ms(before)}`;
  if (next.requests === 0) return `${slowest}, with ${next.connections} none is answered any more.`;
  const rates = `${perSecond(full)} requests/s with ${full.connections}, ${perSecond(last)} with ${last.connections}`;
  const grows = last.requestsPerSecond > full.requestsPerSecond * 1.2;
  return after > Math.max(full.latency.p50Ms * WAITS_FACTOR, before * NOISE_FACTOR)
    ? `${slowest}, with ${next.connections} they take ${ms(after)}: a request waits for a connection. ${grows ? 'Throughput' : 'Throughput stays where it is'}: ${rates}.`
    : `${slowest}, with ${next.connections} ${ms(after)}: none waits. ${grows ? 'Throughput goes on growing' : 'Throughput'}: ${rates}.`;
}

function describeGain(run: ScenarioRun): string | null {
  const { step, cells: { faulty, fixed } } = headlineRow(run);
  if (!step || !faulty || !fixed) return null;
  const where = step.label === undefined ? `, at ${step.connections} requests at a time` : ` (${step.label})`;
  if (faulty.requestsPerSecond === 0 && fixed.requestsPerSecond > 0) {
    return `The fix${where}: ${perSecond(fixed)} requests/s where none was answered, half of them within ${ms(fixed.p50Ms)}.`;
  }
  if (faulty.requestsPerSecond === 0 || fixed.requestsPerSecond === 0) return null;
  const times = fixed.requestsPerSecond / faulty.requestsPerSecond;
  const failures = faulty.failed > fixed.failed ? `, ${fixed.failed === 0 ? 'no' : fixed.failed} failed requests instead of ${faulty.failed}` : '';
  return `The fix${where}: ${sayFactor(times)} × the throughput, and half of the requests within ${ms(fixed.p50Ms)} instead of ${ms(faulty.p50Ms)}${failures}.`;
}

function describeRemarks({ variants }: ScenarioRun): string[] {
  return variants.flatMap(({ variant, remark }) => (remark === null ? [] : [`${capitalize(variant)}: ${remark}.`]));
}

function resultAt(run: VariantRun, connections: number): LoadResult | undefined {
  return run.steps.find((step) => step.connections === connections);
}

/** What counts is what was answered well. */
function toCell({ requests, requestsPerSecond, latency, errors, non2xx }: LoadResult): StepCell {
  const well = requests === 0 ? 0 : 1 - non2xx / requests;
  return { requestsPerSecond: requestsPerSecond * well, p50Ms: latency.p50Ms, p99Ms: latency.p99Ms, failed: errors + non2xx };
}

function sayFactor(times: number): string {
  return times < 10 ? times.toFixed(1) : String(Math.round(times));
}

/** "9.8", "1204". */
export function sayRate(requestsPerSecond: number): string {
  return requestsPerSecond < 10 ? requestsPerSecond.toFixed(1) : String(Math.round(requestsPerSecond));
}

function perSecond({ requestsPerSecond }: { requestsPerSecond: number }): string {
  return sayRate(requestsPerSecond);
}

function ms(value: number): string {
  return value < 9.95 ? `${Number(value.toFixed(1))} ms` : `${Math.round(value)} ms`;
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
