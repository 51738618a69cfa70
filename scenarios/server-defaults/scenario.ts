import type { Scenario } from '../scenario.js';

export const serverDefaults: Scenario = {
  name: 'server-defaults',
  summary: 'The order is committed, and yet a transaction is open: the one that read back its number and date.',
  fault: 'After the insert is committed, reading what the server filled in begins a second transaction, which stays open.',
  cure: 'The insert says RETURNING; nothing needs to be read back.',
  poolSize: 10,
  request: 'POST /orders',
  schema: 'create table orders (id bigserial primary key, article text, ordered_at timestamptz default now())',
  steps: [1, 10, 11, 30].map((connections) => ({ connections, seconds: 0.7 })),
  gain: { in: 'throughput', factor: 1.05 },
  variants: {
    faulty: {
      expect: [
        { rule: 'await-in-transaction', marker: 'the fault' },
        { rule: 'pool-starvation', cause: 'held-idle', marker: 'the fault' },
      ],
    },
    fixed: { expect: [] },
  },
};
