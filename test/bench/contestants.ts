/** Who is measured: pg alone, pg with the probe, pg with OpenTelemetry's instrumentation, pg under clinic's bubbleprof. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** How a measured program is started. */
export const VARIANTS = ['bare', 'probe', 'opentelemetry', 'bubbleprof'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Those of which it is known how long they take to start: clinic is nobody's default. */
export const STARTED = ['bare', 'probe', 'opentelemetry'] as const satisfies Variant[];
export type Started = (typeof STARTED)[number];

/**
 * The rows of the tables. OpenTelemetry is measured twice, in one process: with a root span around each operation, as a
 * service has it, and with one root span around a whole round, so that only the spans of its pg instrumentation cost.
 * The control is a second process without anything: as far as it is from the first, no figure can be trusted.
 */
export const CONTESTANTS = ['bare', 'control', 'probe', 'opentelemetry', 'pg-spans', 'bubbleprof'] as const;
export type Contestant = (typeof CONTESTANTS)[number];

/** What the probe is compared with, besides bare pg. */
export const RIVALS = ['opentelemetry', 'pg-spans'] as const satisfies Contestant[];
export type Rival = (typeof RIVALS)[number];

export const LABELS: Record<Contestant, string> = {
  bare: 'bare pg',
  control: 'bare pg, a second time',
  probe: 'the probe',
  opentelemetry: 'OpenTelemetry, root span an operation',
  'pg-spans': 'OpenTelemetry, spans of pg only',
  bubbleprof: "clinic's bubbleprof, collecting",
};

/** Does so many times fewer operations a round than the others: each takes so much longer, and leaves kilobytes. */
export const FEWER: Partial<Record<Contestant, number>> = { bubbleprof: 40 };

/** The processes that take part, each with its variant. */
export const PROCESSES = { bare: 'bare', control: 'bare', probe: 'probe', opentelemetry: 'opentelemetry', bubbleprof: 'bubbleprof' } as const satisfies Record<string, Variant>;
export type ProcessName = keyof typeof PROCESSES;

export function processOf(contestant: Contestant): ProcessName {
  return contestant === 'pg-spans' ? 'opentelemetry' : contestant;
}

export function isRival(contestant: Contestant): contestant is Rival {
  return RIVALS.some((rival) => rival === contestant);
}

/**
 * Through what a program asks for its connections; pg-service: through pg, with what services use of it besides.
 * Each is measured in processes of its own.
 */
export const LIBRARIES = ['pg', 'knex', 'pg-service'] as const;
export type Library = (typeof LIBRARIES)[number];

/** What no target is for is shown beside the others, without the contestants that would take long and tell nothing new. */
export function hasTargets(library: Library): boolean {
  return library !== 'pg-service';
}

export function takesPart(contestant: Contestant, library: Library): boolean {
  return hasTargets(library) || !['opentelemetry', 'bubbleprof'].includes(contestant);
}

export const WORKLOADS = ['query', 'transaction', 'knex-query', 'knex-transaction', 'parameter', 'timeouts'] as const;
export type Workload = (typeof WORKLOADS)[number];

interface WorkloadDescription {
  library: Library;
  /** In the list of targets. */
  name: string;
  title: string;
  statements: number;
}

export const WORKLOAD_TEXTS: Record<Workload, WorkloadDescription> = {
  query: { library: 'pg', name: 'query', title: "pool.query('select 1')", statements: 1 },
  transaction: { library: 'pg', name: 'transaction', title: 'connect, BEGIN, select 1, COMMIT, release', statements: 3 },
  'knex-query': { library: 'knex', name: 'query through Knex', title: "Through Knex: knex.raw('select 1')", statements: 1 },
  'knex-transaction': { library: 'knex', name: 'transaction through Knex', title: "Through Knex: knex.transaction((trx) => trx.raw('select 1'))", statements: 3 },
  parameter: { library: 'pg-service', name: 'query with a parameter', title: "With a parameter: pool.query('select $1::int', [n])", statements: 1 },
  timeouts: { library: 'pg-service', name: 'query with timeouts', title: "With connectionTimeoutMillis and idleTimeoutMillis: pool.query('select 1')", statements: 1 },
};

/** The preload of this build's probe, as a file URL. */
export const PROBE = new URL('../../probes/register.js', import.meta.url).href;

/** The arguments for node that make a program one of its variant. */
export function nodeArguments(variant: Variant, probe: string): string[] {
  if (variant === 'bare') return [];
  if (variant === 'bubbleprof') return bubbleprofArguments();
  return ['--import', variant === 'probe' ? probe : new URL('./opentelemetry.js', import.meta.url).href];
}

/** Why this one cannot take part; null: it can. */
export function whyAbsent(contestant: Contestant): string | null {
  return contestant === 'bubbleprof' && bubbleprofFolder() === null ? 'not installed (npm install @clinic/bubbleprof)' : null;
}

function bubbleprofFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('@clinic/bubbleprof/package.json'));
  } catch {
    return null;
  }
}

/** What `clinic bubbleprof` starts a program with. Where the data goes is in NODE_CLINIC_BUBBLEPROF_DATA_PATH, and in the working directory. */
function bubbleprofArguments(): string[] {
  const preloads = ['no-cluster.js', 'logger.js'].map((name) => join(bubbleprofFolder() ?? '', 'injects', name));
  const missing = preloads.find((path) => !existsSync(path));
  if (missing !== undefined) throw new Error(`@clinic/bubbleprof has no ${missing}`);
  return [...preloads.flatMap((path) => ['-r', path]), '--trace-events-enabled', '--trace-event-categories', 'node.async_hooks'];
}

/** Our environment without what would change the measured program. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:NODE_OPTIONS|NODE_V8_COVERAGE|NODE_CLINIC|OTEL_|LIFEGUARD|PG)/.test(name)));
}
