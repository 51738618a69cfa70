/** On what it was measured. */
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { dirname, join } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';

export interface Environment {
  machine: string;
  node: string;
  packages: Record<string, string>;
  /** How many threads wanted to run, over the last minute, before and after. */
  load: [before: number, after: number];
}

const PACKAGES = ['pg', 'pg-pool', 'knex', '@opentelemetry/instrumentation-pg', '@opentelemetry/sdk-trace-node', '@clinic/bubbleprof'];

export function describeEnvironment(loadBefore: number): Environment {
  const model = cpus()[0]?.model.replaceAll(/\s+/g, ' ').trim() || 'unknown processor';
  return {
    machine: `${availableParallelism()} × ${model}, ${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    load: [loadBefore, loadavg()[0] ?? 0],
  };
}

export function renderEnvironment({ machine, node, packages, load }: Environment): string[] {
  return [
    `Node ${node}; ${Object.entries(packages).map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    `${machine}; load ${load.map((one) => one.toFixed(1)).join(' at the start, ')} at the end.`,
  ];
}

/** Packages do not always export their package.json. */
function versionOf(name: string): string {
  let folder: string;
  try {
    folder = dirname(createRequire(import.meta.url).resolve(name));
  } catch {
    return 'is not installed';
  }
  for (;;) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) {
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string };
      if (manifest.name === name) return manifest.version ?? 'unknown';
    }
    if (dirname(folder) === folder) return 'unknown';
    folder = dirname(folder);
  }
}
