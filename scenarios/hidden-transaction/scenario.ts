import type { Scenario } from '../scenario.js';

export const hiddenTransaction: Scenario = {
  name: 'hidden-transaction',
  summary: 'Reading `currentUser.name` begins a transaction that lasts as long as the request.',
  fault: 'The request\'s session begins a transaction by itself at the first property read, and nobody ends it before the slow work.',
  cure: 'A session lasts as long as the function that needs it.',
  poolSize: 10,
  request: 'GET /greeting',
  schema: "create table users (id int primary key, name text); insert into users values (1, 'Ada')",
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
