import type { Scenario } from '../scenario.js';

export const cpuInTransaction: Scenario = {
  name: 'cpu-in-transaction',
  summary: 'Whenever somebody registers, the whole service stands still, with the transaction open.',
  fault: 'The password is hashed synchronously between two statements of a transaction.',
  cure: 'The hash is made first, off the main thread.',
  poolSize: 10,
  request: 'GET /page',
  schema: 'create table users (id bigserial primary key, name text, hash bytea)',
  steps: [
    { label: 'nobody registers', connections: 5, seconds: 0.7 },
    { label: '3 register at a time', connections: 5, seconds: 3, alongside: [{ request: 'POST /users', connections: 3 }] },
  ],
  gain: { in: 'latency', factor: 1.5 },
  variants: {
    faulty: {
      expect: [{ rule: 'event-loop-blocked', marker: 'the fault' }],
      mayHave: ['long-transaction', 'pool-starvation'],
    },
    fixed: { expect: [] },
  },
};
