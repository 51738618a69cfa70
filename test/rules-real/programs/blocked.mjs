// Synchronous work with a transaction open
import { pbkdf2Sync } from 'node:crypto';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

async function register(name) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('insert into audit (what) values ($1)', [name]);
    const hash = pbkdf2Sync(name, 'salt', 3_000_000, 32, 'sha256'); // ← event-loop-blocked
    await client.query('insert into audit (what) values ($1)', [hash.toString('hex')]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

for (const name of ['Ada', 'Grace', 'Edsger', 'Barbara']) await register(name);
await pool.end();
