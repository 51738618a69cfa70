/**
 * A process between a program and its database server, so that the server ends and its folder goes however the program
 * ends, SIGKILL included: our standard input is a pipe from the program, and the system closes it.
 *
 * argv[2]: SupervisorOptions as JSON. Writes one line of JSON, a SupervisorAnswer, when the server is ready or could not
 * be started. Ends when its standard input does.
 */
import { chooseAccount } from './account.js';
import { makeFolder, removeFolder, startCluster, stopCluster, type Cluster } from './cluster.js';

export interface SupervisorOptions {
  /** The folder with PostgreSQL's bin, lib and share. */
  binaries: string;
  settings: Record<string, string>;
}

export type SupervisorAnswer = { port: number; password: string; folder: string } | { error: string };

async function supervise(options: SupervisorOptions): Promise<void> {
  const orphaned = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error'] as const) process.stdin.once(event, resolve);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  process.stdin.resume();
  // Whom we would tell has gone.
  process.stdout.on('error', () => {});

  let folder: string | null = null;
  let cluster: Cluster | null = null;
  try {
    const account = chooseAccount();
    folder = makeFolder(account);
    cluster = await startCluster(folder, options.binaries, account, options.settings);
    answer({ port: cluster.port, password: cluster.password, folder });
    await Promise.race([orphaned, new Promise((resolve) => cluster?.postgres.once('exit', resolve))]);
  } catch (error) {
    answer({ error: error instanceof Error ? error.message : String(error) });
  } finally {
    if (cluster !== null) await stopCluster(cluster);
    if (folder !== null) removeFolder(folder);
  }
}

function answer(line: SupervisorAnswer): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await supervise(JSON.parse(process.argv[2] ?? '{}'));
// The program may still hold its end of the pipe.
process.exit();
