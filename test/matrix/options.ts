/** argv → options. */
import { parseArgs } from 'node:util';

export const NODE_VERSIONS = ['20', '22', '24', '26'] as const;
export const PG_VERSIONS = ['8.5', '8.11', '8.16', '8.20', '8.23'] as const;
/** Test files of a suite, and those of them that depend on pg's version: programs with another library bring a pg of their own. */
export const SUITES = {
  truth: { files: ['dist/test/truth/**/*.test.js'], ofPg: ['dist/test/truth/truth.test.js'] },
  rules: { files: ['dist/test/rules-real/**/*.test.js'], ofPg: ['dist/test/rules-real/**/*.test.js'] },
  probes: { files: ['dist/test/probes/**/*.test.js'], ofPg: ['dist/test/probes/**/*.test.js'] },
  differential: { files: ['dist/test/differential/**/*.test.js'], ofPg: ['dist/test/differential/**/*.test.js'] },
} as const;

/** What runs with the newest versions of the libraries. */
export const NEWEST_FILES = ['dist/test/truth/truth.test.js', 'dist/test/truth/pools.test.js'] as const;

export type NodeVersion = (typeof NODE_VERSIONS)[number];
export type PgVersion = (typeof PG_VERSIONS)[number];
export type Suite = keyof typeof SUITES;

export interface Options {
  nodes: readonly NodeVersion[];
  pgs: readonly PgVersion[];
  suites: readonly Suite[];
  /** Run every test there is with the installed pg, not only the suites that depend on node and pg. */
  all: boolean;
  /** Instead: the programs of test/truth with the newest versions of all libraries, on `nodes`, or if there are none, on the lowest that these support. */
  newest: boolean;
  /** Of one cell of the table. */
  timeoutMs: number;
  write: boolean;
}

export const USAGE = `npm run test:matrix -- [--node ${NODE_VERSIONS.join(',')}] [--pg ${PG_VERSIONS.join(',')}] [--only ${Object.keys(SUITES).join(',')}] [--all] [--newest] [--timeout MINUTES] [--write]`;

/** @throws Error that says what is allowed. */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      node: { type: 'string' },
      pg: { type: 'string' },
      only: { type: 'string' },
      all: { type: 'boolean', default: false },
      newest: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '20' },
      write: { type: 'boolean', default: false },
    },
  });
  const timeoutMs = Number(values.timeout) * 60_000;
  if (!(timeoutMs > 0)) throw new Error(`--timeout ${values.timeout}: expected minutes, more than 0`);
  if (values.all && values.only !== undefined) throw new Error('--all and --only: expected one of them');
  if (values.newest && (values.all || values.only !== undefined || values.pg !== undefined)) throw new Error('--newest brings its own --pg and --only, and is not --all');
  return {
    nodes: values.newest && values.node === undefined ? [] : pick('--node', NODE_VERSIONS, values.node),
    pgs: pick('--pg', PG_VERSIONS, values.pg),
    suites: pick('--only', Object.keys(SUITES) as Suite[], values.only),
    all: values.all,
    newest: values.newest,
    timeoutMs,
    write: values.write,
  };
}

function pick<Name extends string>(option: string, known: readonly Name[], wanted: string | undefined): readonly Name[] {
  if (wanted === undefined) return known;
  return wanted.split(',').map((word) => {
    const found = known.find((name) => name === word.trim());
    if (found === undefined) throw new Error(`${option} ${wanted}: expected some of ${known.join(',')}`);
    return found;
  });
}
