/** All scenarios, in the order in which they are listed and run. */
import { deadlockChain } from './deadlock-chain/scenario.js';
import { eleventhRequest } from './eleventh-request/scenario.js';
import { healthy } from './healthy/scenario.js';
import { ScenarioError, type Scenario } from './scenario.js';
import { serverDefaults } from './server-defaults/scenario.js';
import { slowTokenEndpoint } from './slow-token-endpoint/scenario.js';
import { taskQueue } from './task-queue/scenario.js';

export const SCENARIOS: readonly Scenario[] = [eleventhRequest, slowTokenEndpoint, taskQueue, serverDefaults, deadlockChain, healthy];

/** @throws ScenarioError that lists the names when there is no such scenario. */
export function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) {
    throw new ScenarioError(`no scenario is called ${JSON.stringify(name)}, there is: ${SCENARIOS.map((scenario) => scenario.name).join(', ')}`);
  }
  return found;
}
