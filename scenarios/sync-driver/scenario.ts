import type { Scenario } from '../scenario.js';

export const syncDriver: Scenario = {
  name: 'sync-driver',
  summary: 'One query is run synchronously, and while the database works on it the whole service stands still.',
  fault: 'The main thread waits for the answer of a query instead of awaiting it.',
  cure: 'The asynchronous call.',
  poolSize: 10,
  request: 'GET /page',
  schema: 'create table sales (amount int); insert into sales select i from generate_series(1, 1000) as i',
  steps: [
    { label: 'no reports', connections: 5, seconds: 0.6 },
    { label: '3 reports at a time', connections: 5, seconds: 2.5, alongside: [{ request: 'GET /report', connections: 3 }] },
  ],
  gain: { in: 'latency', factor: 1.5 },
  variants: {
    faulty: {
      expect: [{ rule: 'event-loop-blocked', marker: 'the fault' }],
      mayHave: ['pool-starvation'],
    },
    fixed: { expect: [] },
  },
};
