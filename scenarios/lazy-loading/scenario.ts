import { findPackage } from '../find-package.js';
import type { Scenario } from '../scenario.js';

export const lazyLoading: Scenario = {
  name: 'lazy-loading',
  summary: 'A property of an object runs a query, once for every row of a list, with the transaction open.',
  fault: 'In a loop over thirty orders, `order.customer` makes the ORM (TypeORM) read each customer by itself.',
  cure: 'The customers are loaded with the orders, in one query.',
  poolSize: 10,
  request: 'GET /orders',
  schema: `create table customers (id int primary key, name text); insert into customers select i, 'Ada ' || i from generate_series(1, 100) as i;
    create table orders (id int primary key, customer_id int references customers); insert into orders select i, i from generate_series(1, 100) as i`,
  findObstacle: () => findPackage('typeorm'),
  steps: [1, 10, 11, 20].map((connections) => ({ connections, seconds: 0.8 })),
  gain: { in: 'latency', factor: 1.5, step: 0 },
  variants: {
    faulty: { expect: [{ rule: 'repeated-query', marker: 'the fault' }], mayHave: ['long-transaction', 'pool-starvation'] },
    fixed: { expect: [] },
  },
};
