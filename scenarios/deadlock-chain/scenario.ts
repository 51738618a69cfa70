import type { Scenario } from '../scenario.js';

export const deadlockChain: Scenario = {
  name: 'deadlock-chain',
  summary: 'Two transfers wait for each other until PostgreSQL ends one of them, a second later; then they try again.',
  fault: 'A transfer locks its two accounts in the order in which they are named, so opposite transfers lock in opposite orders.',
  cure: 'All lock in one order.',
  poolSize: 10,
  request: 'POST /transfers',
  schema: 'create table accounts (id int primary key, balance int default 0); insert into accounts select generate_series(0, 5)',
  warmUp: false,
  steps: [
    { label: 'one at a time', connections: 1, seconds: 0.5 },
    { label: '12 at a time', connections: 12, seconds: 4 },
  ],
  gain: { in: 'throughput', factor: 1.5 },
  variants: {
    faulty: {
      expect: [
        { rule: 'long-transaction', marker: 'the transaction' },
        { rule: 'pool-starvation', cause: 'lock-wait', marker: null },
      ],
    },
    fixed: { expect: [] },
  },
};
