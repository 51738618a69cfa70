/** What the probe costs, and what reports of long recordings cost: `npm run bench -- --help`. */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { measureAnalysis } from './analysis/measure.js';
import { renderAnalysis } from './analysis/table.js';
import { describeEnvironment, renderEnvironment } from './environment.js';
import { measure, type Measurement } from './measure.js';
import { HELP, parseOptions } from './options.js';
import { writeResults } from './results-file.js';
import { measureSoak } from './soak/measure.js';
import { summariseSoak } from './soak/summary.js';
import { renderSoak } from './soak/table.js';
import { summarise } from './summary.js';
import { renderCost } from './table.js';
import { renderTargets } from './target.js';

async function main(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) return void process.stdout.write(HELP);
  const loadBefore = loadavg()[0] ?? 0;
  const step = watchSignals();
  const sections: string[] = [];
  /** What is done is shown at once: the next part takes minutes. */
  const add = (section: string): void => {
    show('');
    sections.push(section);
    process.stdout.write(`${section}\n`);
  };
  const cost = options.workloads.length === 0 ? null : await measure(options, step);
  const summary = cost === null ? null : summarise(cost);
  if (summary !== null) add(renderCost(summary));
  const soaked = options.soakMinutes === null ? null : await measureSoak(options.soakMinutes, options.probe, step);
  const soak = soaked === null ? null : summariseSoak(soaked);
  if (soak !== null) add(renderSoak(soak));
  if (options.analysis !== null) add(renderAnalysis(await measureAnalysis(options.analysis.checkouts, options.analysis.rounds, step)));
  show('');
  const environment = describeEnvironment(loadBefore);
  const targets = [...(summary?.targets ?? []), ...(soak?.targets ?? [])];
  const head = [...(targets.length === 0 ? [] : [...renderTargets(targets), '']), ...renderEnvironment(environment), ''].join('\n');
  process.stdout.write(head);
  if (options.json !== undefined) {
    const all = { environment, summary, rounds: cost === null ? null : listRounds(cost), soak, samples: soaked === null ? null : soaked.programs.map(({ name, samples }) => ({ name, samples })) };
    writeFileSync(options.json, JSON.stringify(all, null, 2) + '\n');
  }
  if (options.write) writeResults([head, ...sections].join('\n'));
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
