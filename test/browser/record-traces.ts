/**
 * Records the traces that the browser tests read: the faulty variant of each scenario, in a part of the usual time.
 * Run it when the trace format has a new version: npm run build && node dist/test/browser/record-traces.js [scenario…]
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { SCENARIOS } from '../../scenarios/catalogue.js';
import { openDatabase } from '../../scenarios/database/database.js';
import { runScenario } from '../../scenarios/run.js';
import { FAR_ROOT, HERE, TRACES } from './traces.js';

/** Part of each step's time that shows the fault. */
const PACE = 0.3;

const wanted = process.argv.slice(2);
const server = await openDatabase({});
const folder = mkdtempSync(join(tmpdir(), 'lifeguard-traces-'));
try {
  for (const scenario of SCENARIOS) {
    if (scenario.variants.faulty === undefined || (scenario.findObstacle?.() ?? null) !== null || (wanted.length > 0 && !wanted.includes(scenario.name))) continue;
    const { variants } = await runScenario(scenario, { server, directory: join(folder, scenario.name), pace: PACE, variant: 'faulty' });
    const target = join(TRACES, scenario.name);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    for (const { directory } of variants) {
      for (const [i, name] of readdirSync(directory).filter((file) => /\.ndjson(\.gz)?$/.test(file)).toSorted().entries()) {
        const bytes = readFileSync(join(directory, name));
        const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().replaceAll(HERE, FAR_ROOT);
        writeFileSync(join(target, `${i + 1}.ndjson.gz`), gzipSync(text, { level: 9 }));
      }
    }
    process.stderr.write(`${scenario.name}\n`);
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
