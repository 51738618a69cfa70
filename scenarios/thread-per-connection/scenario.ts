import type { Scenario } from '../scenario.js';

export const threadPerConnection: Scenario = {
  name: 'thread-per-connection',
  summary: 'Ten threads with a connection each answer ten requests at a time, and cost the memory of ten threads.',
  fault: 'A thread works on one request from its first statement to its last, and other work in between holds both it and its connection.',
  cure: 'One thread and an asynchronous pool.',
  poolSize: 10,
  request: 'GET /time',
  steps: [1, 10, 11, 30].map((connections) => ({ connections, seconds: 0.8 })),
  gain: { in: 'throughput', factor: 1.05 },
  remark: 'SERVICE_URL GET /memory',
  variants: {
    faulty: { expect: [{ rule: 'await-in-transaction', marker: 'the fault' }] },
    fixed: { expect: [] },
  },
};
