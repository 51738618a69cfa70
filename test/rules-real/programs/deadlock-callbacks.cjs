// With callbacks: every connection is held by a flow that asks for one more
// ended by SIGTERM
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
// All of them wait, and go on to wait.
let rounds = 0;
setInterval(() => {
  if (pool.waitingCount === 4 && ++rounds === 15) process.kill(process.pid, 'SIGTERM');
}, 100);
