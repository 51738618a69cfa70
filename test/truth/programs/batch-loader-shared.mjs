// A batch loader that is shared by requests: one of them begins the batch, another waits for it in its transaction
// rules: await-in-transaction
import DataLoader from 'dataloader';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 6, connectionTimeoutMillis: 60_000 });

let asked = 0;
const users = new DataLoader(
  async (ids) => {
    const { rows } = await pool.query('select id, name from users where id = any($1)', [ids]);
    return ids.map((id) => rows.find((row) => row.id === id) ?? null);
  },
  { cache: false, batchScheduleFn: dispatchOnceBothAsked },
);

function dispatchOnceBothAsked(dispatch) {
  if (asked === 2) setTimeout(dispatch, 30);
  else setTimeout(dispatchOnceBothAsked, 10, dispatch);
}

async function loadInside(id) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('select * from orders where user_id = $1', [id]);
    asked++;
    const user = await users.load(id); // ← await-in-transaction
    await client.query('update users set email = $1 where id = $2', [`${user.name}@example.com`, id]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

async function loadBefore(id) {
  asked++;
  const user = await users.load(id);
  await pool.query('update users set email = $1 where id = $2', [user.name, id]);
}

await pool.query('select 1');
await Promise.all([loadBefore(2), loadInside(1)]);
await pool.end();
