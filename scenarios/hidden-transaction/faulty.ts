// Greets the user, with the weather. There is no "begin" anywhere to be seen.
import { setTimeout as fetchWeather } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { CurrentUser } from './current-user.js';
import { Session } from './session.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function greet(): Promise<string> {
  const session = new Session(pool);
  const currentUser = new CurrentUser(session);
  try {
    const name = await currentUser.name; // the first property begins a transaction …
    await fetchWeather(80); // ← the fault: … which ends with the request, and not before
    return `Hello ${name}, the sun shines.`;
  } finally {
    await session.commit();
  }
}

serve({ 'GET /greeting': greet }, () => pool.end());
