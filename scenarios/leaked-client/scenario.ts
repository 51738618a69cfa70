import type { Scenario } from '../scenario.js';

export const leakedClient: Scenario = {
  name: 'leaked-client',
  summary: 'All is well until somebody asks for an order that does not exist; after ten of those, nobody is answered any more.',
  fault: 'An early return forgets to give the connection back.',
  cure: 'It is released in a finally block.',
  poolSize: 10,
  request: 'GET /order?id=1',
  schema: `create table orders (id int primary key, article text); insert into orders values (1, 'book');
    create table items (order_id int); insert into items values (1), (1)`,
  steps: [
    { label: 'orders that exist', connections: 5, seconds: 0.7 },
    { label: 'ten that do not', connections: 1, seconds: 3, amount: 10, request: 'GET /order?id=2' },
    { label: 'orders that exist', connections: 5, seconds: 1.5 },
  ],
  gain: { in: 'answers', factor: 1 },
  variants: {
    faulty: {
      expect: [
        { rule: 'connection-leak', marker: 'the fault' },
        { rule: 'pool-starvation', cause: 'leaked', marker: 'the fault' },
      ],
    },
    fixed: { expect: [] },
  },
};
