/** Damages traces, has them analysed, and holds what comes out against what is known of the whole ones. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../../reports/analyse.js';
import type { Analysis, Report } from '../../reports/model.js';
import { TraceError } from '../../reports/read/trace-error.js';
import { RENDERERS, type Check } from './checks.js';
import { DAMAGES, type Damage } from './damage.js';
import { randomFrom } from '../bench/analysis/random.js';

export interface FuzzOptions {
  seed: number;
  runs: number;
  /** By name: traces as they were recorded. */
  traces: ReadonlyMap<string, Buffer>;
  /** Whether a report is one that the schema allows: what is wrong with it, or null. */
  checkSchema: Check;
}

export interface Failure {
  damage: string;
  trace: string;
  /** The one run by which it is made again: `--seed SEED`. */
  seed: number;
  /** The damaged trace, which is kept. */
  file: string;
  message: string;
}

/** Every damage to every trace, again and again with other seeds, `runs` times in all. Stops at the first failure. */
export async function fuzz({ seed, runs, traces, checkSchema }: FuzzOptions): Promise<Failure | null> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-fuzz-'));
  const wholes = new Map<string, Set<string>>();
  for (const [name, trace] of traces) {
    const file = join(folder, `${name}.ndjson`);
    writeFileSync(file, trace);
    wholes.set(name, fingerprintsOf((await analyse([file])).report));
  }
  const names = [...traces.keys()];
  for (let run = 0; run < runs; run += 1) {
    const own = seed + run;
    const damage = DAMAGES[own % DAMAGES.length] as Damage;
    const name = names[Math.floor(own / DAMAGES.length) % names.length] as string;
    const file = join(folder, `damaged-${own}.ndjson`);
    writeFileSync(file, damage.apply(traces.get(name) as Buffer, randomFrom(own)));
    const message = await tryOne(file, damage, wholes.get(name) as Set<string>, checkSchema);
    if (message !== null) return { damage: damage.name, trace: name, seed: own, file, message };
    rmSync(file);
  }
  rmSync(folder, { recursive: true });
  return null;
}

export function describeFailure({ damage, trace, seed, file, message }: Failure): string {
  return `${trace}, ${damage}: ${message}\nagain: --seed ${seed} --runs 1 (with the same traces); the file: ${file}`;
}

/** @returns what is wrong; null: nothing. */
async function tryOne(file: string, { isVisible }: Damage, whole: ReadonlySet<string>, checkSchema: Check): Promise<string | null> {
  let analysis: Analysis;
  try {
    analysis = await analyse([file]);
  } catch (error) {
    if (!(error instanceof TraceError)) return `crashed: ${error instanceof Error ? error.stack : String(error)}`;
    return error.message.includes('\n') || error.message.length > 1000 ? `more than a line: ${error.message}` : null;
  }
  const { report } = analysis;
  const invalid = checkSchema(JSON.parse(JSON.stringify(report)));
  if (invalid !== null) return `no valid report: ${invalid}`;
  for (const [format, render] of RENDERERS) {
    try {
      await render(analysis);
    } catch (error) {
      return `cannot be rendered as ${format}: ${error instanceof Error ? error.stack : String(error)}`;
    }
  }
  if (!isVisible || saysSo(report)) return null;
  const wrong = report.findings.filter(({ fingerprint }) => !whole.has(fingerprint));
  return wrong.length === 0 ? null : `claims what the whole trace does not show, and says of nothing that it is missing: ${wrong.map(({ rule, title }) => `${rule}: ${title}`).join('; ')}`;
}

/** What is missing is said, or that the trace has no end. */
function saysSo({ missing, run }: Report): boolean {
  return missing.length > 0 || run.processes.some(({ complete }) => !complete);
}

function fingerprintsOf({ findings }: Report): Set<string> {
  return new Set(findings.map(({ fingerprint }) => fingerprint));
}
