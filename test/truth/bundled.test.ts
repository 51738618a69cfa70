/** The same in one file, as services are shipped: pools are found, and source maps lead to the application's lines. */
import test from 'ava';
import { build } from 'esbuild';
import { join } from 'node:path';
import { analyse } from '../../reports/analyse.js';
import { RULES } from '../../reports/rules/index.js';
import { useDatabase } from '../support/database.js';
import { ROOT } from '../support/folder.js';
import { startHttp } from '../support/http-service.js';
import { recordProgram } from '../support/program.js';
import { readPrograms, score } from './support/marked-program.js';
import { SCHEMA, SERVICE_MS } from './support/surroundings.js';

const { database } = useDatabase(test, { schema: SCHEMA });

const BUNDLED = ['knex-faulty.cjs', 'sequelize-faulty.cjs', 'pg-callbacks-faulty.cjs'];
/** Drivers of other databases, which libraries look for and do without. */
const OTHER_DRIVERS = ['better-sqlite3', 'ibm_db', 'mariadb', 'mysql', 'mysql2', 'odbc', 'oracledb', 'pg-hstore', 'pg-native', 'snowflake-sdk', 'sqlite3', 'tedious'];

async function bundle(file: string): Promise<Record<string, string>> {
  const folder = join(ROOT, 'test/truth/programs');
  const { outputFiles } = await build({
    entryPoints: [join(folder, file)],
    outfile: join(folder, 'bundle.cjs'),
    bundle: true,
    platform: 'node',
    sourcemap: true,
    write: false,
    logLevel: 'silent',
    external: OTHER_DRIVERS,
  });
  return Object.fromEntries(outputFiles.map(({ path, text }) => [path.replace(/^.*[\\/]/, ''), text]));
}

for (const program of readPrograms().filter(({ file }) => BUNDLED.includes(file))) {
  test.serial(program.file, async (t) => {
    const service = await startHttp(t, (_, response) => void setTimeout(() => response.end('done'), SERVICE_MS));
    const env = { DATABASE_URL: await database(), SERVICE_URL: service };
    const { status, stderr, directory } = await recordProgram(t, { files: await bundle(program.file), entry: 'bundle.cjs', env });
    t.is(status, 0, stderr);
    const { report } = await analyse([directory]);
    const { missed, falseAlarms } = score(program, report.findings, RULES.map(({ id }) => id));
    t.deepEqual({ missed, falseAlarms }, { missed: [], falseAlarms: [] });
  });
}
