/** A pool, and transactions in it that say their name to whoever reads the trace. */
import pg from 'pg';

export const connectionString = process.env.DATABASE_URL;

export function makePool(options) {
  return new pg.Pool({ connectionString, ...options });
}

export const pool = makePool({ max: 6 });

/** Runs `body` in a transaction called `name`. */
export async function transaction(name, body, from = pool) {
  const client = await from.connect();
  try {
    await client.query('BEGIN');
    await client.query(`select 1 as "${name}"`);
    const result = await body(client);
    await client.query('COMMIT');
    return result;
  } finally {
    client.release();
  }
}

/** Runs each case by itself, giving it what makes transactions of its name, and that name; only those named on the command line, if any. */
export async function runCases(cases) {
  const only = process.argv.slice(2);
  for (const [name, run] of Object.entries(cases)) {
    if (only.length > 0 && !only.includes(name)) continue;
    await run((body, from) => transaction(name, body, from), name);
  }
}
