/** How long it takes to make reports of a long recording, and how much memory: beside a program that only parses the file. */
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { ROOT } from '../../support/folder.js';
import { makeTrace } from './make-trace.js';
import type { Usage } from './usage.js';

export const ANALYSES = ['parse', 'json', 'html', 'parse-packed', 'json-packed'] as const;
export type AnalysisName = (typeof ANALYSES)[number];

export interface AnalysisMeasurement {
  checkouts: number;
  traceBytes: number;
  packedBytes: number;
  htmlBytes: number;
  rounds: Map<AnalysisName, Usage>[];
}

const MAIN = join(ROOT, 'dist/cli/main.js');
const FOLDER = join(ROOT, 'dist/test/bench/analysis');

/** @param step is told what comes next; what it throws ends the run. */
export async function measureAnalysis(checkouts: number, rounds: number, step: (next: string) => void): Promise<AnalysisMeasurement> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-bench-'));
  try {
    step(`writing a trace of ${checkouts} checkouts`);
    const [trace, html] = [join(folder, 'trace.ndjson'), join(folder, 'report.html')];
    makeTrace(trace, checkouts);
    await pipeline(createReadStream(trace), createGzip({ level: 6 }), createWriteStream(`${trace}.gz`));
    const bare = join(FOLDER, 'bare-parse.js');
    const words: Record<AnalysisName, string[]> = {
      parse: [bare, trace],
      json: [MAIN, 'report', trace, '--format', 'json'],
      html: [MAIN, 'report', trace, '--format', 'html', '--output', html],
      'parse-packed': [bare, `${trace}.gz`],
      'json-packed': [MAIN, 'report', `${trace}.gz`, '--format', 'json'],
    };
    const measured: AnalysisMeasurement['rounds'] = [];
    for (let round = 0; round < rounds; round += 1) {
      const usages = new Map<AnalysisName, Usage>();
      for (const name of ANALYSES) {
        step(`analysis ${round + 1} of ${rounds}: ${name}`);
        usages.set(name, await run(words[name], folder));
      }
      measured.push(usages);
    }
    return { checkouts, traceBytes: statSync(trace).size, packedBytes: statSync(`${trace}.gz`).size, htmlBytes: statSync(html).size, rounds: measured };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(words: readonly string[], cwd: string): Promise<Usage> {
  const child = spawn(process.execPath, ['--import', new URL('usage.js', import.meta.url).href, ...words], { cwd, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const said = ['', ''];
  for (const [index, stream] of [child.stdio[2], child.stdio[3]].entries()) stream?.on('data', (chunk: Buffer) => (said[index] += chunk.toString('utf8')));
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${String(status)}: ${said[0]}`);
  return JSON.parse(said[1] ?? '') as Usage;
}
