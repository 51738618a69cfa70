// Sells the last tickets. Everybody wants the same row.
import { setTimeout as chargeCard } from 'node:timers/promises';
import { Pool } from 'pg';
import { serve } from '../serve.js';
import { inTransaction } from '../transaction.js';

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10, connectionTimeoutMillis: 5000 });

async function sellTicket(): Promise<string> {
  return await inTransaction(pool, async (client) => {
    await client.query('update concerts set sold = sold + 1 where id = 1'); // takes the row's lock …
    await chargeCard(50); // ← the fault: … and keeps it all the while; the others wait in line, each with a connection
    await client.query('insert into tickets (concert) values (1)');
    return 'enjoy the show';
  });
}

async function showPage(): Promise<unknown> {
  const { rows } = await pool.query('select title from concerts where id = 1');
  return rows[0];
}

serve({ 'POST /tickets': sellTicket, 'GET /page': showPage }, () => pool.end());
