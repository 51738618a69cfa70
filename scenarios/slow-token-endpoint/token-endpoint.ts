// The identity provider of somebody else: quick, until POST /slow; POST /quick ends that.
import { setTimeout as delay } from 'node:timers/promises';
import { serve } from '../serve.js';

let delayMs = 2;

serve({
  'POST /token': async () => {
    await delay(delayMs);
    return { access_token: 'a token' };
  },
  'POST /slow': () => `it takes ${(delayMs = 700)} ms now`,
  'POST /quick': () => `it takes ${(delayMs = 2)} ms now`,
});
