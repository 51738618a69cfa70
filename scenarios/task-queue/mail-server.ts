// Takes a mail, in its own time.
import { setTimeout as delay } from 'node:timers/promises';
import { serve } from '../serve.js';

serve({
  'POST /send': async () => {
    await delay(80);
    return 'sent';
  },
});
