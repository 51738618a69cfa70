import type { Scenario } from '../scenario.js';

export const slowBulkQuery: Scenario = {
  name: 'slow-bulk-query',
  summary: 'The pool is full because the SQL is slow: a report makes a simple page wait, and there is no await to blame.',
  fault: 'The report has no index to use, and shares its pool with everything else.',
  cure: 'An index, and a pool of its own for reports.',
  poolSize: 10,
  request: 'GET /page',
  schema: `create table sales (shop int, amount int);
    insert into sales select i % 1000, i % 97 from generate_series(1, 1000000) as i;
    analyze sales`,
  steps: [
    { label: 'without reports', connections: 5, seconds: 0.7 },
    { label: '20 reports at a time', connections: 5, seconds: 3, alongside: [{ request: 'GET /report', connections: 20 }] },
  ],
  gain: { in: 'latency', factor: 1.5 },
  variants: {
    faulty: { expect: [{ rule: 'pool-starvation', cause: 'slow-sql', marker: 'the fault' }] },
    fixed: { expect: [] },
  },
};
