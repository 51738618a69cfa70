/** Run by graph.ts: `node draw-graph.js <folder of bubbleprof> <its data> <page>`. */
import { chmodSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

type Bubbleprof = new () => { visualize(data: string, page: string, callback: (error?: Error | null) => void): void };

const [clinic = '', data = '', page = ''] = process.argv.slice(2);
const require = createRequire(join(clinic, 'package.json'));
const Clinic = require('./index.js') as Bubbleprof;
new Clinic().visualize(data, page, (error) => {
  if (error instanceof Error) throw error;
  chmodSync(page, 0o600);
});
