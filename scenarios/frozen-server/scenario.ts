import type { Scenario } from '../scenario.js';

export const frozenServer: Scenario = {
  name: 'frozen-server',
  summary: 'Ten requests at a time are fine; at the eleventh the whole server freezes, and only kill -9 helps.',
  fault: 'Acquiring a connection blocks the only thread until one is released, which that thread would have to do.',
  cure: 'It (a) gives the connection back before it turns to other work, and (b) waits for one without blocking.',
  poolSize: 10,
  request: 'GET /time',
  steps: [1, 10, 11].map((connections) => ({ connections, seconds: connections > 10 ? 2 : 0.7 })),
  gain: { in: 'throughput', factor: 1.5 },
  variants: {
    faulty: {
      expect: [{ rule: 'event-loop-blocked', marker: 'the fault' }],
    },
    fixed: { expect: [] },
  },
};
