import type { Scenario } from '../scenario.js';

// All connections answer at about the same time, every tenth of a second: six times, and the end is between two of them.
const SECONDS = 0.68;

export const eleventhRequest: Scenario = {
  name: 'eleventh-request',
  summary: 'Ten requests are answered at a time; the eleventh waits for no reason that its own code shows.',
  fault: 'Each request awaits 100 ms of other work with its transaction open, so its connection is held and does nothing.',
  cure: 'The transaction ends first and gives the connection back; then comes the same 100 ms of work.',
  poolSize: 10,
  request: '/',
  steps: [1, 5, 10, 11, 12, 15, 20].map((connections) => ({ connections, seconds: SECONDS })),
  gain: { in: 'throughput', factor: 1.05 },
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
