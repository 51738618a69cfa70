/**
 * Damages traces for as long as one likes: `node dist/test/fuzz/main.js [--runs N] [--seed N] [trace…]`. Says the seed of what
 * failed, and keeps its file.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { schemaCheck } from './checks.js';
import { describeFailure, fuzz } from './fuzz.js';
import { parseOptions } from './options.js';
import { tracesToDamage } from './traces.js';

async function main(args: string[]): Promise<void> {
  const { seed, runs, files } = parseOptions(args);
  const traces = new Map([...tracesToDamage(), ...files.map((file): [string, Buffer] => [basename(file), readFileSync(file)])]);
  const first = seed ?? 1 + Math.floor(Math.random() * 1e9);
  const failure = await fuzz({ seed: first, runs, traces, checkSchema: schemaCheck() });
  if (failure === null) return void process.stdout.write(`${runs} damaged traces from seed ${first} on: none was misread\n`);
  process.stdout.write(`${describeFailure(failure)}\n`);
  process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
