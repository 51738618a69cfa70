/** Run by graph.ts: `node draw-graph.js <folder of bubbleprof> <its data> <page>`. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

type Bubbleprof = new () => { visualize(data: string, page: string, callback: (error?: Error | null) => void): void };

const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:";

const [clinic = '', data = '', page = ''] = process.argv.slice(2);
const require = createRequire(join(clinic, 'package.json'));
const Clinic = require('./index.js') as Bubbleprof;
new Clinic().visualize(data, page, (error) => {
  if (error instanceof Error) throw error;
  // It would ask clinic's site for a font: nothing of a recording should make a request.
  writeFileSync(page, readFileSync(page, 'utf8').replace('<head>', `<head><meta http-equiv="Content-Security-Policy" content="${POLICY}">`));
  chmodSync(page, 0o600);
});
