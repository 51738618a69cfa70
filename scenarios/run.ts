/** Runs a scenario: each variant's service under the probe, driven step by step. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withProbe } from '../probes/preload.js';
import { driveLoad, type LoadResult } from './load/load.js';
import { serviceFile, sourceFile, VARIANTS, type LoadStep, type Scenario, type Variant } from './scenario.js';
import { startService } from './service.js';

export interface RunOptions {
  /** Only this one; both, faulty first, if not given. */
  variant?: Variant;
  databaseUrl: string;
  /** Absolute; each variant's traces go to a folder of its name in it. */
  directory: string;
  /** `fraction` of the whole, 0 to 1; `label`: "faulty: 11 requests at a time". */
  onProgress?: (fraction: number, label: string) => void;
  /** Ends the run early: the services are ended, and the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface VariantRun {
  variant: Variant;
  /** Where its traces are. */
  directory: string;
  /** The source that the report's call sites point to. */
  source: string;
  /** In the order of the scenario's steps. */
  steps: LoadResult[];
}

export interface ScenarioRun {
  scenario: Scenario;
  variants: VariantRun[];
}

/**
 * Both variants one after the other, each in a process of its own.
 * @throws ScenarioError when a service does not start.
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioRun> {
  const chosen = options.variant === undefined ? VARIANTS : [options.variant];
  const variants: VariantRun[] = [];
  for (const [index, variant] of chosen.entries()) {
    const report = (fraction: number, label: string): void => options.onProgress?.((index + fraction) / chosen.length, `${variant}: ${label}`);
    variants.push(await runVariant(scenario, variant, options, report));
  }
  return { scenario, variants };
}

async function runVariant(scenario: Scenario, variant: Variant, options: RunOptions, report: (fraction: number, label: string) => void): Promise<VariantRun> {
  const directory = join(options.directory, variant);
  report(0, 'starting');
  options.signal?.throwIfAborted();
  const service = await startService(serviceFile(scenario, variant), serviceEnv(options.databaseUrl, directory));
  try {
    const url = service.url + scenario.path;
    const cancel = options.signal === undefined ? {} : { signal: options.signal };
    // Opening connections is not what the steps are to show: the pool is filled before the first.
    await driveLoad({ urls: [url], connections: scenario.poolSize, amount: scenario.poolSize, seconds: FILL_SECONDS, ...cancel });
    const steps: LoadResult[] = [];
    const total = scenario.steps.reduce((sum, step) => sum + step.seconds, 0);
    let done = 0;
    for (const step of scenario.steps) {
      const { connections, seconds } = step;
      const onProgress = (fraction: number): void => report((done + fraction * seconds) / total, labelStep(step));
      // Requests that the last step's end has cut off are still being worked on.
      await delay(SETTLE_MS);
      options.signal?.throwIfAborted();
      steps.push(await driveLoad({ urls: [url], connections, seconds, onProgress, ...cancel }));
      done += seconds;
    }
    options.signal?.throwIfAborted();
    return { variant, directory, source: sourceFile(scenario, variant), steps };
  } finally {
    await service.stop();
  }
}

const SETTLE_MS = 200;
/** At most: for a service that does not answer. */
const FILL_SECONDS = 10;

function labelStep({ connections }: LoadStep): string {
  return connections === 1 ? 'one request at a time' : `${connections} requests at a time`;
}

function serviceEnv(databaseUrl: string, directory: string): NodeJS.ProcessEnv {
  return withProbe({ ...process.env, DATABASE_URL: databaseUrl, PORT: '0' }, directory);
}
