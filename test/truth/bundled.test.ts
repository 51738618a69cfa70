/** The same in one file, as services are shipped: pools are found, and source maps lead to the application's lines. */
import test, { type ExecutionContext } from 'ava';
import { build, type BuildOptions } from 'esbuild';
import { join } from 'node:path';
import { analyse } from '../../reports/analyse.js';
import type { Report } from '../../reports/model.js';
import { RULES } from '../../reports/rules/index.js';
import { useDatabase } from '../support/database.js';
import { ROOT } from '../support/folder.js';
import { startHttp } from '../support/http-service.js';
import { recordProgram } from '../support/program.js';
import { programFiles, readPrograms, score } from './support/marked-program.js';
import { SCHEMA, SERVICE_MS } from './support/surroundings.js';

const { database } = useDatabase(test, { schema: SCHEMA });

/** Drivers of other databases, which libraries look for and do without. */
const OTHER_DRIVERS = ['better-sqlite3', 'ibm_db', 'mariadb', 'mysql', 'mysql2', 'odbc', 'oracledb', 'pg-hstore', 'pg-native', 'snowflake-sdk', 'sqlite3', 'tedious'];
/** Ways of shipping a program; `min`: TypeORM's own maps lead out of its package, and nothing but the map is left to tell. */
const WAYS = { map: { sourcemap: true }, min: { sourcemap: true, minify: true }, bare: {} } as const satisfies Record<string, BuildOptions>;

const BUNDLED: readonly (readonly [keyof typeof WAYS, string])[] = [
  ['map', 'knex-faulty.cjs'], ['map', 'sequelize-faulty.cjs'], ['map', 'pg-callbacks-faulty.cjs'], ['map', 'drizzle-faulty.mjs'], ['map', 'pool-begin.cjs'], ['map', 'drizzle-clean.mjs'],
  ['min', 'typeorm-faulty.cjs'], ['min', 'objection-faulty.cjs'], ['min', 'pg-promises-faulty.mjs'], ['min', 'typeorm-clean.mjs'],
];

/** The program, its bundle and the bundle's map; the bundle is `bundle.cjs` or `bundle.mjs`. */
async function bundle(file: string, way: keyof typeof WAYS): Promise<{ files: Record<string, string>; entry: string }> {
  const folder = join(ROOT, 'test/truth/programs');
  const isModule = file.endsWith('.mjs');
  const entry = isModule ? 'bundle.mjs' : 'bundle.cjs';
  const { outputFiles } = await build({
    entryPoints: [join(folder, file)],
    outfile: join(folder, entry),
    bundle: true,
    platform: 'node',
    write: false,
    logLevel: 'silent',
    external: OTHER_DRIVERS,
    format: isModule ? 'esm' : 'cjs',
    ...(isModule ? { banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" } } : {}),
    ...WAYS[way],
  });
  return { files: { ...programFiles(), ...Object.fromEntries(outputFiles.map(({ path, text }) => [path.replace(/^.*[\\/]/, ''), text])) }, entry };
}

async function run(t: ExecutionContext, file: string, way: keyof typeof WAYS): Promise<{ files: Record<string, string>; entry: string; report: Report }> {
  const service = await startHttp(t, (_, response) => void setTimeout(() => response.end('done'), SERVICE_MS));
  const env = { DATABASE_URL: await database(), SERVICE_URL: service };
  const bundled = await bundle(file, way);
  const { status, stderr, directory } = await recordProgram(t, { ...bundled, env });
  t.is(status, 0, stderr);
  const { report } = await analyse([directory]);
  return { ...bundled, report };
}

const programs = readPrograms();
for (const [way, file] of BUNDLED) {
  const program = programs.find((one) => one.file === file);
  if (program === undefined) throw new Error(`there is no ${file}`);
  test.serial(`${file}, ${way}`, async (t) => {
    const { report } = await run(t, file, way);
    const { missed, falseAlarms } = score(program, report.findings, RULES.map(({ id }) => id));
    t.deepEqual({ missed, falseAlarms }, { missed: [], falseAlarms: [] });
    t.true(report.findings.every(({ advice }) => !advice.includes('without a source map')));
  });
}

test.serial('without a map: the lines of the bundle, its libraries known by what the bundler wrote above them, and a word about it', async (t) => {
  const { report, files, entry } = await run(t, 'knex-faulty.cjs', 'bare');
  const lines = (files[entry] ?? '').split('\n');
  const nested = report.findings.find(({ rule }) => rule === 'nested-checkout');
  t.is(nested?.callSite?.file, entry);
  t.regex(lines[(nested?.callSite?.line ?? 0) - 1] ?? '', /knex\("orders"\)\.count\(\)/);
  t.is(nested?.via?.package, 'knex');
  t.regex(nested?.advice ?? '', /bundle\.cjs is a bundle without a source map/);
});
