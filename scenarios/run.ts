/** Runs a scenario: each variant's service under the probe, on a database of its own, driven step by step. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withProbe } from '../probes/preload.js';
import type { Database } from './database/database.js';
import { runSql } from './database/run-sql.js';
import { driveLoad, type LoadResult } from './load/load.js';
import { ask, loadOf, type Urls } from './request.js';
import { compiledFile, sourceFile, variantsOf, type LoadStep, type Scenario, type Variant } from './scenario.js';
import { startService, type Service } from './service.js';

export interface RunOptions {
  /** Only this one; all, faulty first, if not given. */
  variant?: Variant;
  /** Where a database is made for each variant. */
  server: Pick<Database, 'createDatabase'>;
  /** Absolute; each variant's traces go to a folder of its name in it. */
  directory: string;
  /** Part of each step's time that is enough (1). */
  pace?: number;
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
  /** The answer to the scenario's last question. */
  remark: string | null;
}

export interface ScenarioRun {
  scenario: Scenario;
  variants: VariantRun[];
}

type Report = (fraction: number, label: string) => void;

/**
 * Its variants one after the other, each in a process of its own.
 * @throws ScenarioError when a service does not start.
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioRun> {
  const chosen = options.variant === undefined ? variantsOf(scenario) : [options.variant];
  const variants: VariantRun[] = [];
  for (const [index, variant] of chosen.entries()) {
    const report: Report = (fraction, label) => options.onProgress?.((index + fraction) / chosen.length, `${variant}: ${label}`);
    variants.push(await runVariant(scenario, variant, options, report));
  }
  return { scenario, variants };
}

async function runVariant(scenario: Scenario, variant: Variant, options: RunOptions, report: Report): Promise<VariantRun> {
  const directory = join(options.directory, variant);
  report(0, 'starting');
  options.signal?.throwIfAborted();
  const stage = await openStage(scenario, variant, options.server);
  try {
    const { urls, start } = stage;
    urls['SERVICE_URL'] = await start(variant, (env) => withProbe(env, directory));
    if (scenario.crowd !== undefined) urls['CROWD_URL'] = await start(scenario.crowd);
    const steps = await driveSteps(scenario, urls, options, report);
    const remark = scenario.remark === undefined ? null : await ask(urls, scenario.remark);
    return { variant, directory, source: sourceFile(scenario, variant), steps, remark };
  } finally {
    await stage.close();
  }
}

/** Where a variant's service can be started: what it needs is there. */
export interface Stage {
  /** By their names in the environment; that of the database is DATABASE_URL. */
  urls: Urls;
  /** Starts a file of the scenario's folder, which is given the URLs, and resolves with its own. */
  start: (name: string, prepare?: (env: NodeJS.ProcessEnv) => NodeJS.ProcessEnv) => Promise<string>;
  /** Ends what was started. */
  close: () => Promise<void>;
}

/**
 * Makes the variant's database and starts the servers that it needs.
 * @throws ScenarioError when one does not start.
 */
export async function openStage(scenario: Scenario, variant: Variant, server: RunOptions['server']): Promise<Stage> {
  const started: Service[] = [];
  const urls: Urls = {};
  const start: Stage['start'] = async (name, prepare = (env) => env) => {
    const service = await startService(compiledFile(scenario, name), prepare({ ...process.env, PORT: '0', ...urls }));
    started.unshift(service);
    return service.url;
  };
  const close = async (): Promise<void> => {
    // Clients before the service, the service before what it needs.
    for (const service of started) await service.stop();
  };
  try {
    urls['DATABASE_URL'] = await makeDatabase(scenario, variant, server);
    for (const [variable, file] of Object.entries(scenario.servers ?? {})) urls[variable] = await start(file);
  } catch (error) {
    await close();
    throw error;
  }
  return { urls, start, close };
}

let made = 0;

async function makeDatabase({ name, schema }: Scenario, variant: Variant, server: RunOptions['server']): Promise<string> {
  // Told apart from those of another run on the same server.
  const url = await server.createDatabase(`lifeguard_${name}_${variant}_${process.pid}_${(made += 1)}`.replaceAll('-', '_'));
  if (schema !== undefined) await runSql(url, schema);
  return url;
}

async function driveSteps(scenario: Scenario, urls: Urls, { signal, pace = 1 }: RunOptions, report: Report): Promise<LoadResult[]> {
  const cancel = signal === undefined ? {} : { signal };
  const { poolSize } = scenario;
  // Opening connections is not what the steps are to show: the pool is filled before the first.
  if (scenario.warmUp ?? true) await driveLoad({ ...loadOf(urls, scenario.request), connections: poolSize, amount: poolSize, seconds: FILL_SECONDS, ...cancel });
  const results: LoadResult[] = [];
  const total = scenario.steps.reduce((sum, step) => sum + step.seconds, 0);
  let done = 0;
  for (const step of scenario.steps) {
    const onProgress = (fraction: number): void => report((done + fraction * step.seconds) / total, labelStep(step));
    // Requests that the last step's end has cut off are still being worked on.
    await delay(SETTLE_MS);
    signal?.throwIfAborted();
    if (step.first !== undefined) await ask(urls, step.first);
    const seconds = step.seconds * pace;
    const others = (step.alongside ?? []).map(({ request, connections }) => driveLoad({ ...loadOf(urls, request), connections, seconds, ...cancel }));
    const amount = step.amount === undefined ? {} : { amount: step.amount };
    results.push(await driveLoad({ ...loadOf(urls, step.request ?? scenario.request), connections: step.connections, seconds, ...amount, onProgress, ...cancel }));
    await Promise.all(others);
    done += step.seconds;
  }
  signal?.throwIfAborted();
  return results;
}

const SETTLE_MS = 200;
/** At most: for a service that does not answer. */
const FILL_SECONDS = 10;

function labelStep({ label, connections }: LoadStep): string {
  return label ?? (connections === 1 ? 'one request at a time' : `${connections} requests at a time`);
}
