import type { Scenario } from '../scenario.js';

export const connectionStorm: Scenario = {
  name: 'connection-storm',
  summary: 'The pool is not full, it is empty: each burst of requests waits for connections to be opened, and some in vain.',
  fault: 'Idle connections are closed at once, and opening one is slow.',
  cure: 'A minimum of connections is kept warm.',
  poolSize: 10,
  request: 'GET /page',
  servers: { DATABASE_URL: 'slow-handshake' },
  warmUp: false,
  steps: [1, 2, 3].map((burst) => ({ label: `burst ${burst}`, connections: 20, amount: 20, seconds: 3 })),
  gain: { in: 'answers', factor: 1 },
  variants: {
    faulty: { expect: [{ rule: 'pool-starvation', cause: 'connecting', marker: null }] },
    fixed: { expect: [] },
  },
};
