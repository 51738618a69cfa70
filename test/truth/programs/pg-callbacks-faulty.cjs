// pg, callbacks
// rules: await-in-transaction, nested-checkout
const { Pool } = require('pg');
const http = require('node:http');
const { readFile } = require('node:fs');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 4, connectionTimeoutMillis: 60_000 });

function abort(client, release, error, done) {
  client.query('ROLLBACK', () => {
    release();
    done(error);
  });
}

function charge(order, done) {
  pool.connect((error, client, release) => {
    if (error) return done(error);
    client.query('BEGIN', (error) => {
      if (error) return abort(client, release, error, done);
      client.query('select total from orders where id = $1', [order], (error, result) => {
        if (error) return abort(client, release, error, done);
        http.get(`${process.env.SERVICE_URL}/charge/${result.rows[0].total}`, (response) => { // ← await-in-transaction
          response.resume();
          response.on('end', () => {
            client.query('COMMIT', (error) => {
              release();
              done(error);
            });
          });
        });
      });
    });
  });
}

function remind(order, done) {
  pool.connect((error, client, release) => {
    if (error) return done(error);
    client.query('BEGIN', () => {
      client.query('select 1 from orders where id = $1', [order], () => {
        setTimeout(() => { // ← await-in-transaction
          client.query('COMMIT', () => {
            release();
            done();
          });
        }, 15);
      });
    });
  });
}

// The template is read before.
function mail(user, done) {
  readFile(__filename, 'utf8', () => {
    pool.connect((error, client, release) => {
      if (error) return done(error);
      client.query('BEGIN', () => {
        client.query('select name from users where id = $1', [user], () => {
          client.query('COMMIT', () => {
            release();
            setTimeout(done, 5);
          });
        });
      });
    });
  });
}

let left = 0;
function next(error) {
  if (error) throw error;
  if (--left === 0) pool.end();
}
for (let round = 0; round < 3; round++) {
  for (const [run, id] of [[charge, 1], [remind, 2], [mail, 3]]) {
    left++;
    run(id, next);
  }
}
