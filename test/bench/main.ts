/** What the probe costs the program that it watches: `npm run bench -- [--quick] [--rounds N] [--only query|transaction] [--json FILE] [--write]`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/folder.js';
import { describeEnvironment } from './environment.js';
import { measure } from './measure.js';
import { parseOptions } from './options.js';
import { summarise } from './summary.js';
import { renderResults } from './table.js';

async function main(args: string[]): Promise<void> {
  const options = parseOptions(args);
  const measurement = await measure(options, (progress) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${progress}`);
  });
  const summary = summarise(measurement);
  const environment = describeEnvironment();
  const results = renderResults(summary, environment);
  process.stdout.write(results);
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ environment, summary, measurement }, null, 2) + '\n');
  if (options.write) {
    writeFileSync(join(ROOT, 'test/bench/RESULTS.md'), `# What the probe costs\n\nWritten by \`npm run bench -- --write\`.\n\n${results}`);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
