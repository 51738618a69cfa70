import { findFileLimit } from '../find-file-limit.js';
import type { Scenario } from '../scenario.js';

export const chatServer: Scenario = {
  name: 'chat-server',
  summary: 'Ten thousand people are connected, and each needs a connection to the database to listen. After ten of them, nobody can say anything.',
  fault: 'Everybody who listens holds a connection of the pool, so the eleventh hears nothing, and nobody can say anything.',
  cure: 'One connection listens for all; saying something takes another one for a moment.',
  poolSize: 10,
  request: 'POST /messages',
  crowd: 'crowd',
  findObstacle: () => findFileLimit(10_500),
  warmUp: false,
  steps: [{ label: '10,000 listen', connections: 2, amount: 8, seconds: 5 }],
  gain: { in: 'answers', factor: 1 },
  remark: 'CROWD_URL GET /',
  variants: {
    faulty: {
      expect: [{ rule: 'pool-starvation', cause: 'held-idle', marker: 'the fault' }],
      mayHave: ['event-loop-blocked'],
    },
    fixed: { expect: [] },
  },
};
