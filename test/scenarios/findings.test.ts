/** Every scenario, run for real: the report names what the scenario says, at the marked line, and nothing else. */
import test from 'ava';
import { isAbsolute, join, relative } from 'node:path';
import { analyse } from '../../reports/analyse.js';
import type { Finding } from '../../reports/model.js';
import { SCENARIOS } from '../../scenarios/catalogue.js';
import { runScenario } from '../../scenarios/run.js';
import { expectationsOf, findMarkedLine } from '../../scenarios/scenario.js';
import { useDatabase } from '../support/database.js';
import { ROOT, temporaryFolder } from '../support/folder.js';

const { server } = useDatabase(test);

/** What is to be found is found after part of the time that people are shown. */
const PACE = 0.6;

for (const scenario of SCENARIOS) {
  const obstacle = scenario.findObstacle?.() ?? null;
  const run = obstacle === null ? test.serial : test.serial.skip;
  run(`${scenario.name}: what is expected is found, and nothing else${obstacle === null ? '' : ` (${obstacle})`}`, async (t) => {
    const { variants } = await runScenario(scenario, { server: server(), directory: temporaryFolder(t), pace: PACE });
    for (const { variant, directory, source } of variants) {
      const { report } = await analyse([directory]);
      t.deepEqual(report.lost, { events: 0, probeErrors: 0, badLines: 0 });
      const place = ({ callSite }: Finding): string => (callSite === null ? '' : `${relative(ROOT, isAbsolute(callSite.file) ? callSite.file : join(report.run.cwd, callSite.file))}:${callSite.line}`);
      const told = report.findings.map((finding) => ({ rule: finding.rule as string, note: finding.severity === 'note', place: place(finding) }));
      const expected = expectationsOf(scenario, variant).map(({ rule, marker, severity, cause }) => ({ rule, cause, note: severity === 'note', place: marker === null ? null : `${relative(ROOT, source)}:${findMarkedLine(source, marker)}` }));
      for (const { rule, note, place, cause } of expected) {
        t.true(told.some((found) => found.rule === rule && found.note === note && (place === null || found.place === place)), `${variant}: ${rule} at ${place}; found: ${JSON.stringify(told)}`);
        if (cause !== undefined) t.true(report.episodes.some((episode) => episode.cause === cause), `${variant}: ${cause}`);
      }
      const known = [...expected.filter(({ note }) => !note).map(({ rule }) => rule), ...(variant === 'faulty' ? (scenario.variants.faulty?.mayHave ?? []) : [])];
      t.deepEqual(told.filter(({ rule, note }) => !note && !known.includes(rule)), [], variant);
      t.is(report.verdict, told.some(({ note }) => !note) ? 'findings' : 'healthy');
    }
  });
}
