import { findPackage } from '../find-package.js';
import type { Scenario } from '../scenario.js';

export const slowConsumer: Scenario = {
  name: 'slow-consumer',
  summary: 'A few clients download an export over slow lines, and everybody else waits for a connection.',
  fault: 'The export holds its connection, with an open cursor, for as long as the client takes to read.',
  cure: 'It reads page by page, each with a short query of its own.',
  poolSize: 10,
  request: 'GET /page',
  schema: `create table lines (id int primary key, line text);
    insert into lines select i, repeat('a line of the export ', 50) from generate_series(1, 30000) as i`,
  crowd: 'slow-readers',
  findObstacle: () => findPackage('pg-cursor'),
  steps: [
    { label: 'no export', connections: 5, seconds: 0.6 },
    { label: '15 slow exports', connections: 5, seconds: 2.5, first: 'CROWD_URL POST /begin' },
  ],
  gain: { in: 'latency', factor: 1.5 },
  variants: {
    faulty: {
      expect: [
        { rule: 'long-checkout', marker: null },
        { rule: 'pool-starvation', cause: 'held-idle', marker: 'the fault' },
      ],
    },
    fixed: { expect: [] },
  },
};
