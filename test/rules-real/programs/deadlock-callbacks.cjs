// With callbacks: every connection is held by a flow that asks for one more
// ended after: 3 s
const { Pool } = require('pg');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 3 });
function audit(what, done) {
  pool.query('insert into audit (what) values ($1)', [what], done); // ← pool-deadlock, nested-checkout
}
function order(id, done) {
  pool.connect((error, client, release) => {
    if (error) return done(error);
    client.query('BEGIN', (e) => {
      if (e) return done(e);
      client.query('select * from orders where id = $1', [id], (e2) => {
        if (e2) return done(e2);
        audit('order ' + id, (e3) => {
          client.query('COMMIT', () => { release(); done(e3); });
        });
      });
    });
  });
}
order(1, () => { for (let i = 0; i < 4; i++) order(1 + (i % 3), () => {}); });
setInterval(() => {}, 1000);
