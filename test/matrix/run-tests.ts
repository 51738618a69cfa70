/** Runs test files with a given node and pg, and counts. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ROOT } from '../support/folder.js';

export interface Outcome {
  passed: number;
  /** Titles. */
  failed: string[];
  /** Faults in the programs of test/truth; null: these did not run. */
  scores: { found: number; missed: number; falseAlarms: number } | null;
  /** It did not end by itself. */
  timedOut: boolean;
}

const AVA = join(ROOT, 'node_modules/ava/entrypoints/cli.mjs');

/**
 * @param files patterns, as ava takes them; none: all tests.
 * @param modules what programs import from; null: our own.
 * @param onTest called as soon as one is over.
 */
export async function runTests(executable: string, modules: string | null, files: readonly string[], timeoutMs: number, onTest: (outcome: Outcome) => void): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-matrix-'));
  const scoresFile = join(folder, 'scores.json');
  const outcome: Outcome = { passed: 0, failed: [], scores: null, timedOut: false };
  const child = spawn(executable, [AVA, '--tap', ...files], {
    cwd: ROOT,
    // What tests start by name is to be the same node.
    env: { ...process.env, PATH: `${dirname(executable)}${delimiter}${process.env['PATH'] ?? ''}`, TRUTH_SCORES: scoresFile, ...(modules === null ? {} : { TEST_MODULES: modules }) },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: process.platform !== 'win32',
  });
  const end = (): void => {
    const { pid } = child;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      // It is over.
    }
  };
  const timer = setTimeout(() => {
    outcome.timedOut = true;
    end();
  }, timeoutMs);
  process.once('exit', end);
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (count(line, outcome)) onTest(outcome);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => resolve());
    });
    if (existsSync(scoresFile)) outcome.scores = JSON.parse(readFileSync(scoresFile, 'utf8')) as Outcome['scores'];
  } finally {
    clearTimeout(timer);
    process.off('exit', end);
    end();
    rmSync(folder, { recursive: true, force: true });
  }
  return outcome;
}

function count(line: string, outcome: Outcome): boolean {
  const [, not, title = ''] = /^(not )?ok \d+ - (.*)$/.exec(line) ?? [];
  if (title === '' || title.endsWith(' # SKIP') || title.endsWith(' # TODO')) return false;
  if (not === undefined) outcome.passed++;
  else outcome.failed.push(title);
  return true;
}
