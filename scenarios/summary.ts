/** What the load of a scenario's run shows, as rows and as sentences. Pure. */
import type { ScenarioRun, VariantRun } from './run.js';
import type { LoadResult } from './load/load.js';
import type { Variant } from './scenario.js';

export interface StepCell {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Requests without a response, or with another status than 2xx. */
  failed: number;
}

export interface StepRow {
  connections: number;
  /** The first step at which there are more requests than connections in the pool. */
  overflow: boolean;
  cells: Partial<Record<Variant, StepCell>>;
}

/** One row a step, by rising concurrency. */
export function tabulateSteps({ scenario, variants }: ScenarioRun): StepRow[] {
  const steps = scenario.steps.map(({ connections }) => connections).toSorted((a, b) => a - b);
  const firstOver = steps.find((connections) => connections > scenario.poolSize);
  return steps.map((connections) => {
    const cells: StepRow['cells'] = {};
    for (const run of variants) {
      const step = resultAt(run, connections);
      if (step) cells[run.variant] = toCell(step);
    }
    return { connections, overflow: connections === firstOver, cells };
  });
}

/**
 * What one sees when there are more requests than connections: a sentence on each variant, and one on what the fix gains.
 * They say what was measured, so a service that does not wait is said not to.
 */
export function describeSteps(run: ScenarioRun): string[] {
  const sentences = run.variants.flatMap((variant) => describeVariant(run, variant) ?? []);
  const gain = describeGain(run);
  return gain === null ? sentences : [...sentences, gain];
}

/** The slowest of a step that take this much longer than half of the requests did before: a queue, no noise. */
const WAITS_FACTOR = 1.6;

function describeVariant({ scenario, variants }: ScenarioRun, run: VariantRun): string | null {
  const over = scenario.steps.map(({ connections }) => connections).filter((connections) => connections > scenario.poolSize);
  const full = resultAt(run, scenario.poolSize);
  const next = resultAt(run, Math.min(...over));
  const last = resultAt(run, Math.max(...over));
  if (!full || !next || !last) return null;
  const name = variants.length > 1 ? `${capitalize(run.variant)}: with` : 'With';
  const [before, after] = [full.latency.p99Ms, next.latency.p99Ms];
  const slowest = `${name} ${full.connections} requests at a time the slowest take ${ms(before)}`;
  const rates = `${perSecond(full)} requests/s with ${full.connections}, ${perSecond(last)} with ${last.connections}`;
  const grows = last.requestsPerSecond > full.requestsPerSecond * 1.2;
  return after > full.latency.p50Ms * WAITS_FACTOR
    ? `${slowest}, with ${next.connections} they take ${ms(after)}: a request waits for a connection. ${grows ? 'Throughput' : 'Throughput stays where it is'}: ${rates}.`
    : `${slowest}, with ${next.connections} ${ms(after)}: none waits. ${grows ? 'Throughput goes on growing' : 'Throughput'}: ${rates}.`;
}

function describeGain({ scenario, variants }: ScenarioRun): string | null {
  const most = Math.max(...scenario.steps.map(({ connections }) => connections));
  const [faulty, fixed] = (['faulty', 'fixed'] as const).map((name) => {
    const run = variants.find(({ variant }) => variant === name);
    return run && resultAt(run, most);
  });
  if (!faulty || !fixed || faulty.requestsPerSecond === 0 || fixed.requestsPerSecond === 0) return null;
  const times = fixed.requestsPerSecond / faulty.requestsPerSecond;
  return `The fix, at ${most} requests at a time: ${times.toFixed(1)} × the throughput, and half of the requests within ${ms(fixed.latency.p50Ms)} instead of ${ms(faulty.latency.p50Ms)}.`;
}

function resultAt(run: VariantRun, connections: number): LoadResult | undefined {
  return run.steps.find((step) => step.connections === connections);
}

function toCell({ requestsPerSecond, latency, errors, non2xx }: LoadResult): StepCell {
  return { requestsPerSecond, p50Ms: latency.p50Ms, p99Ms: latency.p99Ms, failed: errors + non2xx };
}

function perSecond({ requestsPerSecond }: LoadResult): string {
  return requestsPerSecond < 10 ? requestsPerSecond.toFixed(1) : String(Math.round(requestsPerSecond));
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
