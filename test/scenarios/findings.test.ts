/** Every scenario, run for real: the report names what the scenario says, at the marked line, and nothing else. */
import test from 'ava';
import { findMismatches } from '../../cli/scenario/judge.js';
import { analyse } from '../../reports/analyse.js';
import { SCENARIOS } from '../../scenarios/catalogue.js';
import { runScenario } from '../../scenarios/run.js';
import { useDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/folder.js';

const { server } = useDatabase(test);

/** What is to be found is found after part of the time that people are shown. */
const PACE = 0.6;
/** A machine that is busy with something else for a moment can hide a fault. */
const ATTEMPTS = 3;

for (const scenario of SCENARIOS) {
  const obstacle = scenario.findObstacle?.() ?? null;
  const run = obstacle === null ? test.serial : test.serial.skip;
  run(`${scenario.name}: what is expected is found, and nothing else${obstacle === null ? '' : ` (${obstacle})`}`, async (t) => {
    let mismatches: string[] = [];
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      if (mismatches.length > 0) t.log(mismatches);
      const { variants } = await runScenario(scenario, { server: server(), directory: temporaryFolder(t), pace: PACE });
      mismatches = [];
      for (const variant of variants) {
        const { report } = await analyse([variant.directory]);
        t.deepEqual(report.lost, { events: 0, probeErrors: 0, badLines: 0 });
        t.is(report.verdict, report.findings.some(({ severity }) => severity !== 'note') ? 'findings' : 'healthy');
        mismatches.push(...findMismatches(scenario, variant, report));
      }
      if (mismatches.length === 0) break;
    }
    t.deepEqual(mismatches, []);
  });
}
