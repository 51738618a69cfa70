/** One program twice, with the probe and without: it must do the same, and its trace must be readable. */
import type { ExecutionContext } from 'ava';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../../../reports/analyse.js';
import type { Analysis } from '../../../reports/model.js';
import { withProbe } from '../../../probes/preload.js';
import { projectFolder } from '../../support/folder.js';
import { readTraces, runProgram, type ProgramOptions, type ProgramResult, type Trace } from '../../support/program.js';

/** What the programs begin with: a pool of two, and `say`, which is written at once whatever happens next. */
export const PRELUDE = `
  import { writeSync } from 'node:fs';
  import { setTimeout as delay } from 'node:timers/promises';
  import pg from 'pg';
  const say = (...words) => writeSync(1, words.join(' ') + '\\n');
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
  pool.on('error', (error) => say('pool error', error.code ?? error.message));
`;

/** What programs end with that lose their server: it waits until the server answers again; how often it does not depends on the machine. */
export const RETURN = `
  for (;;) {
    try {
      say((await pool.query('select 7 as n')).rows[0].n);
      break;
    } catch {
      await delay(20);
    }
  }
  await pool.end();`;

export interface Compared {
  bare: ProgramResult;
  recorded: ProgramResult;
  directory: string;
  traces: Trace[];
}

export interface CompareOptions extends Omit<ProgramOptions, 'files' | 'env'> {
  /** Behind PRELUDE. */
  program: string;
  files?: Record<string, string>;
  env?: NodeJS.ProcessEnv;
  /** Where traces are to go; default: a folder of their own. */
  directory?: string;
  /** Words of node's own (addresses, sizes) stand on stderr. */
  ignoresStderr?: true;
  /** The program says times. */
  ignoresStdout?: true;
}

/** @param database a database for each of the two. */
export async function compare(t: ExecutionContext, database: () => Promise<string>, options: CompareOptions): Promise<Compared> {
  const { program, env = {}, files = {}, directory = join(projectFolder(t), 'traces'), ignoresStderr, ignoresStdout, ...rest } = options;
  const run = async (more: (env: NodeJS.ProcessEnv) => NodeJS.ProcessEnv): Promise<ProgramResult> =>
    runProgram(t, { ...rest, files: { 'app.mjs': PRELUDE + program, ...files }, env: more({ ...process.env, DATABASE_URL: await database(), ...env }) });
  const [bare, recorded] = await Promise.all([run((own) => own), run((own) => withProbe(own, directory))]);
  // node's own frame around callbacks, wherever async hooks are in use (AsyncLocalStorage does the same).
  const withoutHooks = (text: string): string => text.replace(/^ +at (?:process\.)?callbackTrampoline .*\n/gm, '');
  const shown = ({ status, signal, stdout, stderr, folder }: ProgramResult): unknown => ({ status, signal, ...(ignoresStdout ? {} : { stdout }), ...(ignoresStderr ? {} : { stderr: withoutHooks(stderr.replaceAll(folder, '')) }) });
  t.deepEqual(shown(recorded), shown(bare));
  t.false(existsSync(join(recorded.folder, '.lifeguard')), 'nothing is written elsewhere');
  return { bare, recorded, directory, traces: existsSync(directory) ? readTraces(directory) : [] };
}

/** The report of what was recorded; there is one whatever happened. */
export async function reportOf({ directory }: Compared): Promise<Analysis> {
  // How long things take depends on the machine, which may have something else to do.
  return analyse([directory], { limits: { transactionMs: 60_000, longCheckoutMs: 60_000 } });
}
