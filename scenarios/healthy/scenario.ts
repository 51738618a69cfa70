import type { Scenario } from '../scenario.js';

export const healthy: Scenario = {
  name: 'healthy',
  summary: 'The control: a service without a fault, at full load. Nothing may be found.',
  fault: 'None.',
  cure: 'None is needed.',
  poolSize: 10,
  request: 'POST /orders',
  schema: 'create table orders (id bigserial primary key, article text); create table log (message text)',
  steps: [1, 10, 11, 20].map((connections) => ({ connections, seconds: 0.7, alongside: [{ request: 'GET /orders', connections: 2 }] })),
  variants: { fixed: { expect: [] } },
};
