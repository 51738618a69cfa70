/** Sweeps a scenario's service, with all that it needs. */
import { freePort } from '../../scenarios/database/cluster.js';
import { openDatabase } from '../../scenarios/database/database.js';
import { loadOf } from '../../scenarios/request.js';
import { openStage } from '../../scenarios/run.js';
import { compiledFile, type Scenario, type Variant } from '../../scenarios/scenario.js';
import type { HttpMethod } from '../../scenarios/load/options.js';
import type { SweepOptions } from '../sweep/options.js';
import type { SweepReportOptions } from '../sweep/report.js';
import { runSweep } from '../sweep/run.js';

export interface ScenarioSweep {
  scenario: Scenario;
  variant: Variant;
  /** An embedded server when there is none. */
  databaseUrl: string | undefined;
  /** The options of a sweep of this command with this load. */
  planSweep: (command: string[], url: string, method: HttpMethod) => SweepOptions;
  reporting: SweepReportOptions;
}

/** @returns the exit code, as that of `sweep`. */
export async function sweepScenario({ scenario, variant, databaseUrl, planSweep, reporting }: ScenarioSweep): Promise<number> {
  const server = await openDatabase({ url: databaseUrl });
  try {
    const stage = await openStage(scenario, variant, server);
    try {
      const port = await freePort();
      const { urls: [url = ''], method = 'GET' } = loadOf({ SERVICE_URL: `http://127.0.0.1:${port}` }, scenario.request);
      const plan = planSweep([process.execPath, compiledFile(scenario, variant)], url, method);
      return await runSweep({ ...plan, env: { ...process.env, ...stage.urls, PORT: String(port) } }, reporting);
    } finally {
      await stage.close();
    }
  } finally {
    await server.stop();
  }
}
