import { findPackage } from '../find-package.js';
import type { Scenario } from '../scenario.js';

export const taskQueue: Scenario = {
  name: 'task-queue',
  summary: 'Every order waits for its mail to be sent, and so do the orders after it.',
  fault: 'The mail is sent inside the transaction that stores the order.',
  cure: 'The transaction stores a job beside the order; a queue on the same database (graphile-worker) sends the mail.',
  poolSize: 10,
  request: 'POST /orders',
  schema: 'create table orders (id bigserial primary key, article text)',
  servers: { MAIL_URL: 'mail-server' },
  findObstacle: () => findPackage('graphile-worker'),
  steps: [1, 10, 11, 30].map((connections) => ({ connections, seconds: 0.7 })),
  gain: { in: 'latency', factor: 1.5, step: 0 },
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
