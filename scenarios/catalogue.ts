/** All scenarios, in the order in which they are listed and run. */
import { eleventhRequest } from './eleventh-request/scenario.js';
import { ScenarioError, type Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [eleventhRequest];

/** @throws ScenarioError that lists the names when there is no such scenario. */
export function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) {
    throw new ScenarioError(`no scenario is called ${JSON.stringify(name)}, there is: ${SCENARIOS.map((scenario) => scenario.name).join(', ')}`);
  }
  return found;
}
