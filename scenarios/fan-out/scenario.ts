import type { Scenario } from '../scenario.js';

export const fanOut: Scenario = {
  name: 'fan-out',
  summary: 'A single request asks for forty connections at once, and every other request stands in line behind them.',
  fault: 'The dashboard runs one query a shop with Promise.all over the pool.',
  cure: 'One query for all shops.',
  poolSize: 10,
  request: 'GET /page',
  schema: `create table sales (shop int, amount int);
    insert into sales select i % 100, i % 97 from generate_series(1, 60000) as i;
    analyze sales`,
  steps: [
    { label: 'without dashboards', connections: 3, seconds: 0.7 },
    { label: '6 dashboards at a time', connections: 3, seconds: 3, alongside: [{ request: 'GET /dashboard', connections: 6 }] },
  ],
  gain: { in: 'latency', factor: 1.5 },
  variants: {
    faulty: { expect: [{ rule: 'pool-starvation', cause: 'slow-sql', marker: 'the fault' }] },
    fixed: { expect: [] },
  },
};
