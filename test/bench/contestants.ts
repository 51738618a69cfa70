/** Who is measured: pg alone, pg with the probe, pg with OpenTelemetry's instrumentation. */

/** How a measured program is started. */
export const VARIANTS = ['bare', 'probe', 'opentelemetry'] as const;
export type Variant = (typeof VARIANTS)[number];

/**
 * The rows of the tables. OpenTelemetry is measured twice, in one process: with a root span around each operation, as a
 * service has it, and with one root span around a whole round, so that only the spans of its pg instrumentation cost.
 * The control is a second process without anything: as far as it is from the first, no figure can be trusted.
 */
export const CONTESTANTS = ['bare', 'control', 'probe', 'opentelemetry', 'pg-spans'] as const;
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
};

/** The processes that take part, each with its variant. */
export const PROCESSES = { bare: 'bare', control: 'bare', probe: 'probe', opentelemetry: 'opentelemetry' } as const satisfies Record<string, Variant>;
export type ProcessName = keyof typeof PROCESSES;

export function processOf(contestant: Contestant): ProcessName {
  return contestant === 'pg-spans' ? 'opentelemetry' : contestant;
}

export function isRival(contestant: Contestant): contestant is Rival {
  return RIVALS.some((rival) => rival === contestant);
}

export const WORKLOADS = ['query', 'transaction'] as const;
export type Workload = (typeof WORKLOADS)[number];

export const WORKLOAD_TEXTS: Record<Workload, string> = {
  query: "pool.query('select 1')",
  transaction: 'connect, BEGIN, select 1, COMMIT, release',
};

/** The preload of this build's probe, as a file URL. */
export const PROBE = new URL('../../probes/register.js', import.meta.url).href;

/** The arguments for node that make a program one of its variant. */
export function nodeArguments(variant: Variant, probe: string): string[] {
  if (variant === 'bare') return [];
  return ['--import', variant === 'probe' ? probe : new URL('./opentelemetry.js', import.meta.url).href];
}

/** Our environment without what would change the measured program. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:NODE_OPTIONS|NODE_V8_COVERAGE|OTEL_|LIFEGUARD|PG)/.test(name)));
}
