/** Who is measured: pg alone, pg with the probe, pg with OpenTelemetry's instrumentation. */

/** The processes. */
export const VARIANTS = ['bare', 'probe', 'opentelemetry'] as const;
export type Variant = (typeof VARIANTS)[number];

/**
 * The rows of the table. OpenTelemetry is measured twice, in one process: with a root span around each operation, as a
 * service has it, and with one root span around a whole round, so that only the spans of its pg instrumentation cost.
 */
export const CONTESTANTS = ['bare', 'probe', 'opentelemetry', 'pg-spans'] as const;
export type Contestant = (typeof CONTESTANTS)[number];

export const LABELS: Record<Contestant, string> = {
  bare: 'bare pg',
  probe: 'with the probe',
  opentelemetry: 'with OpenTelemetry (a root span an operation)',
  'pg-spans': 'with OpenTelemetry (pg spans only)',
};

export const VARIANT_OF: Record<Contestant, Variant> = {
  bare: 'bare',
  probe: 'probe',
  opentelemetry: 'opentelemetry',
  'pg-spans': 'opentelemetry',
};

export const WORKLOADS = ['query', 'transaction'] as const;
export type Workload = (typeof WORKLOADS)[number];

export const WORKLOAD_TEXTS: Record<Workload, string> = {
  query: "pool.query('select 1')",
  transaction: 'connect, BEGIN, select 1, COMMIT, release',
};

/** Where the preload of a variant lies, as a URL for `--import`; null: none. */
export function preloadOf(variant: Variant): string | null {
  if (variant === 'bare') return null;
  return new URL(variant === 'probe' ? '../../probes/register.js' : './opentelemetry.js', import.meta.url).href;
}

/** Our environment without what would change the measured program. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:NODE_OPTIONS|NODE_V8_COVERAGE|OTEL_|LIFEGUARD|PG)/.test(name)));
}
