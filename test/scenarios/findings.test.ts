/** Every scenario, run for real: the report names what the scenario says, at the marked line, and nothing else. */
import test from 'ava';
import { isAbsolute, join, relative } from 'node:path';
import { analyse } from '../../reports/analyse.js';
import { SCENARIOS } from '../../scenarios/catalogue.js';
import { runScenario } from '../../scenarios/run.js';
import { findMarkedLine } from '../../scenarios/scenario.js';
import { useDatabase } from '../support/database.js';
import { ROOT, temporaryFolder } from '../support/folder.js';

const { database } = useDatabase(test);

for (const scenario of SCENARIOS) {
  test.serial(`${scenario.name}: what is expected is found, and nothing else`, async (t) => {
    const run = await runScenario(scenario, { databaseUrl: await database(), directory: temporaryFolder(t) });
    for (const { variant, directory, source } of run.variants) {
      const { report } = await analyse([directory]);
      t.deepEqual(report.lost, { events: 0, probeErrors: 0, badLines: 0 });
      const expected = scenario.variants[variant].expect.map(({ rule, marker }) => `${rule} at ${relative(ROOT, source)}:${marker === null ? '' : findMarkedLine(source, marker)}`);
      const found = report.findings
        .filter(({ severity }) => severity !== 'note')
        .map(({ rule, callSite }) => `${rule} at ${callSite === null ? '' : isAbsolute(callSite.file) ? relative(ROOT, callSite.file) : relative(ROOT, join(report.run.cwd, callSite.file))}:${callSite?.line ?? ''}`);
      t.deepEqual(found.toSorted(), expected.toSorted(), variant);
      t.is(report.verdict, expected.length > 0 ? 'findings' : 'healthy');
      for (const { cause } of scenario.variants[variant].expect) {
        if (cause !== undefined) t.true(report.episodes.some((episode) => episode.cause === cause), cause);
      }
    }
  });
}
