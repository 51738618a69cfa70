/**
 * What the probe costs the program that it watches, and what reports of long recordings cost:
 * `npm run bench -- [--quick] [--rounds N] [--only query|transaction|analysis] [--probe FILE] [--json FILE] [--write]`.
 * `--probe` measures another build's `probes/register.js`; `--write` keeps the tables in RESULTS.md.
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { measureAnalysis } from './analysis/measure.js';
import { renderAnalysis } from './analysis/table.js';
import { describeEnvironment } from './environment.js';
import { measure, type Measurement } from './measure.js';
import { parseOptions } from './options.js';
import { writeResults } from './results-file.js';
import { summarise } from './summary.js';
import { renderResults } from './table.js';

async function main(args: string[]): Promise<void> {
  const options = parseOptions(args);
  const loadBefore = loadavg()[0] ?? 0;
  const step = watchSignals();
  const analysis = options.analysis === null ? '' : renderAnalysis(await measureAnalysis(options.analysis.checkouts, options.analysis.rounds, step));
  show('');
  process.stdout.write(analysis === '' ? '' : `${analysis}\n`);
  if (options.workloads.length === 0) return;
  const measurement = await measure(options, step);
  show('');
  const summary = summarise(measurement);
  const environment = describeEnvironment(loadBefore);
  const results = renderResults(summary, environment);
  process.stdout.write(results);
  if (options.json !== undefined) {
    writeFileSync(options.json, JSON.stringify({ environment, summary, rounds: listRounds(measurement) }, null, 2) + '\n');
  }
  if (options.write) {
    writeResults(`${results}\n${analysis}`);
  }
}

/** Shows each step, and ends the run between two steps after a signal, so that nothing is left behind. */
function watchSignals(): (next: string) => void {
  let signalled: NodeJS.Signals | null = null;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (signalled = signal));
  return (next) => {
    if (signalled !== null) throw new Error(`ended by ${signalled}`);
    show(next);
  };
}

function show(progress: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${progress}`);
}

function listRounds({ workloads }: Measurement): object {
  return Object.fromEntries(workloads.map(({ workload, rounds }) => [workload, rounds.map((round) => Object.fromEntries(round))]));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  show('');
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
