/** All scenarios, in the order in which they are listed and run. */
import { chatServer } from './chat-server/scenario.js';
import { connectionStorm } from './connection-storm/scenario.js';
import { cpuInTransaction } from './cpu-in-transaction/scenario.js';
import { deadlockChain } from './deadlock-chain/scenario.js';
import { eleventhRequest } from './eleventh-request/scenario.js';
import { fanOut } from './fan-out/scenario.js';
import { frozenServer } from './frozen-server/scenario.js';
import { healthy } from './healthy/scenario.js';
import { hiddenTransaction } from './hidden-transaction/scenario.js';
import { lazyLoading } from './lazy-loading/scenario.js';
import { leakedClient } from './leaked-client/scenario.js';
import { lockConvoy } from './lock-convoy/scenario.js';
import { missingRollback } from './missing-rollback/scenario.js';
import { nestedCheckout } from './nested-checkout/scenario.js';
import { pgbouncer } from './pgbouncer/scenario.js';
import { ScenarioError, type Scenario } from './scenario.js';
import { serverDefaults } from './server-defaults/scenario.js';
import { slowBulkQuery } from './slow-bulk-query/scenario.js';
import { slowConsumer } from './slow-consumer/scenario.js';
import { slowTokenEndpoint } from './slow-token-endpoint/scenario.js';
import { syncDriver } from './sync-driver/scenario.js';
import { taskQueue } from './task-queue/scenario.js';
import { threadPerConnection } from './thread-per-connection/scenario.js';

export const SCENARIOS: readonly Scenario[] = [
  eleventhRequest,
  frozenServer,
  threadPerConnection,
  syncDriver,
  lazyLoading,
  serverDefaults,
  hiddenTransaction,
  slowTokenEndpoint,
  chatServer,
  lockConvoy,
  deadlockChain,
  slowBulkQuery,
  taskQueue,
  nestedCheckout,
  leakedClient,
  missingRollback,
  cpuInTransaction,
  slowConsumer,
  connectionStorm,
  fanOut,
  pgbouncer,
  healthy,
];

/** @throws ScenarioError that lists the names when there is no such scenario. */
export function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) {
    throw new ScenarioError(`no scenario is called ${JSON.stringify(name)}, there is: ${SCENARIOS.map((scenario) => scenario.name).join(', ')}`);
  }
  return found;
}
