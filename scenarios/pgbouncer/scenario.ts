import { findProgram } from '../find-program.js';
import type { Scenario } from '../scenario.js';

export const pgbouncer: Scenario = {
  name: 'pgbouncer',
  summary: 'The pool is never full, and yet requests wait: for one of the five connections that PgBouncer has for all.',
  fault: "Other work is awaited in an open transaction, which keeps one of PgBouncer's connections for itself.",
  cure: 'The transaction ends first.',
  poolSize: 20,
  request: 'GET /time',
  servers: { DATABASE_URL: 'bouncer' },
  findObstacle: () => findProgram('pgbouncer', 'apt-get install pgbouncer, or brew install pgbouncer'),
  steps: [5, 6, 15].map((connections) => ({ label: `${connections} at a time`, connections, seconds: 0.7 })),
  gain: { in: 'throughput', factor: 1.05 },
  variants: {
    faulty: { expect: [{ rule: 'await-in-transaction', marker: 'the fault' }] },
    fixed: { expect: [] },
  },
};
