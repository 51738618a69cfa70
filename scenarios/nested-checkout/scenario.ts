import type { Scenario } from '../scenario.js';

export const nestedCheckout: Scenario = {
  name: 'nested-checkout',
  summary: 'Ten requests at a time, and nothing moves any more: each has one connection and waits for a second.',
  fault: 'A function that is called inside the transaction asks the pool for a connection of its own.',
  cure: 'It uses the connection of its caller.',
  poolSize: 10,
  request: 'POST /orders',
  schema: `create table shops (id int primary key); insert into shops values (1);
    create table articles (name text primary key, price int); insert into articles values ('book', 12);
    create table orders (article text, price int)`,
  warmUp: false,
  steps: [1, 5, 10, 11].map((connections) => ({ connections, seconds: connections < 10 ? 0.6 : 3 })),
  gain: { in: 'answers', factor: 1 },
  variants: {
    faulty: {
      expect: [
        { rule: 'nested-checkout', marker: 'the fault' },
        { rule: 'pool-deadlock', cause: 'deadlocked', marker: 'the fault' },
      ],
      mayHave: ['await-in-transaction', 'long-transaction'],
    },
    fixed: { expect: [] },
  },
};
