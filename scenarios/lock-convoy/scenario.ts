import type { Scenario } from '../scenario.js';

export const lockConvoy: Scenario = {
  name: 'lock-convoy',
  summary: 'One transaction holds a row that all want; those who wait for it hold the connections that everybody needs.',
  fault: 'The transaction locks the row first and then charges the card, so all others queue behind it, and then the pool is empty.',
  cure: 'The card is charged before the transaction, which takes the lock last.',
  poolSize: 10,
  request: 'GET /page',
  schema: "create table concerts (id int primary key, title text, sold int default 0); insert into concerts values (1, 'The last one'); create table tickets (concert int)",
  steps: [
    { label: 'nobody buys', connections: 5, seconds: 0.7 },
    { label: '15 buy at a time', connections: 5, seconds: 3, alongside: [{ request: 'POST /tickets', connections: 15 }] },
  ],
  gain: { in: 'latency', factor: 1.5 },
  warmUp: false,
  variants: {
    faulty: {
      mayHave: ['long-transaction'],
      expect: [
        { rule: 'await-in-transaction', marker: 'the fault' },
        { rule: 'pool-starvation', cause: 'lock-wait', marker: null },
      ],
    },
    fixed: { expect: [] },
  },
};
