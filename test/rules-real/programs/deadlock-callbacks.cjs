// With callbacks: every connection is held by a flow that asks for one more
// ended after: 3 s
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 3, connectionTimeoutMillis: 60_000 });

function audit(what, done) {
  pool.query('insert into audit (what) values ($1)', [what], done); // ← nested-checkout, pool-deadlock
}

function order(id, done) {
  pool.connect((error, client, release) => {
    const failed = (reason) => { release(); done(reason); };
    if (error) failed(error);
    else client.query('BEGIN', () => {
      client.query('select * from orders where id = $1', [id], () => {
        audit(`order ${id}`, (reason) => (reason ? failed(reason) : client.query('COMMIT', () => { release(); done(); })));
      });
    });
  });
}

// One does no harm; more of them at once do.
order(1, () => {
  for (let id = 1; id <= 4; id += 1) order(id, () => {});
});
setInterval(() => {}, 1000);
