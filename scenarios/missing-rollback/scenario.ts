import type { Scenario } from '../scenario.js';

export const missingRollback: Scenario = {
  name: 'missing-rollback',
  summary: 'Somebody tries a name that is taken, and then others are told "current transaction is aborted".',
  fault: 'After an error the connection goes back to the pool in its failed transaction, for the next one to find.',
  cure: 'The transaction is rolled back before the connection is released.',
  poolSize: 10,
  request: 'GET /page',
  schema: "create table users (name text unique); insert into users values ('Ada')",
  steps: [
    { label: 'before', connections: 5, seconds: 0.6 },
    { label: 'taken names, too', connections: 5, seconds: 1.2, alongside: [{ request: 'POST /users', connections: 2 }] },
  ],
  gain: { in: 'answers', factor: 1 },
  variants: {
    faulty: { expect: [{ rule: 'unfinished-transaction', marker: 'the fault' }] },
    fixed: { expect: [] },
  },
};
