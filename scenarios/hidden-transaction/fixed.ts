// The same, with a scope that one can see: what needs the database is done, and then the transaction is over.
import { setTimeout as fetchWeather } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { CurrentUser } from './current-user.js';
import { Session } from './session.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const session = new Session(pool);
  try {
    return await work(session);
  } finally {
    await session.commit();
  }
}

async function greet(): Promise<string> {
  const name = await withSession((session) => new CurrentUser(session).name);
  await fetchWeather(80);
  return `Hello ${name}, the sun shines.`;
}

serve({ 'GET /greeting': greet }, () => pool.end());
