/** Watches one of two pools, for a while. Says in JSON what came of it. */
import pg from 'pg';
import { makePool } from './transactions.mjs';

const { watchPool } = await import(process.env.PROBE_INDEX);
const METHODS = { pool: ['connect', 'query', 'newClient', '_acquireClient', '_release'], client: ['connect', 'query', '_handleReadyForQuery', '_handleErrorMessage', '_errorAllQueries'] };
const methods = () => [...METHODS.pool.map((name) => pg.Pool.prototype[name]), ...METHODS.client.map((name) => pg.Client.prototype[name])];
const isSame = (a, b) => a.every((method, index) => method === b[index]);

const before = methods();
const [watched, other] = [makePool({ max: 1 }), makePool({ max: 1 })];
await watched.query('select 1 as "before the watch"');

const errors = [];
for (const wrong of [null, {}, 'pool', new pg.Client()]) {
  try {
    watchPool(wrong);
  } catch (error) {
    errors.push(`${error.name}: ${error.message}`);
  }
}
const afterErrors = isSame(methods(), before);

const watch = watchPool(watched, { directory: process.env.WATCH_DIR });
const again = watchPool(watched, { directory: process.env.WATCH_DIR });
const whileWatched = isSame(methods(), before);
// A connection from before is seen from its next checkout on.
const old = await watched.connect();
await old.query('select 1 as "on a connection from before"');
await new Promise((resolve) => setTimeout(resolve, 30));
old.release(true);
for (const pool of [watched, other]) {
  const client = await pool.connect();
  await client.query(`select 1 as "${pool === watched ? 'watched' : 'not watched'}"`);
  client.release(true);
  await pool.query(`select 1 as "${pool === watched ? 'watched query' : 'not watched query'}"`);
}
const lone = new pg.Client(process.env.DATABASE_URL);
await lone.connect();
await lone.query('select 1 as "lone"');
await lone.end();
again.stop();
again.stop();
await watched.query('select 1 as "watched once"');
watch.stop();
const afterwards = isSame(methods(), before);
await watched.query('select 1 as "after the watch"');

// A later one is a recording of its own, to which the connections of the first are new.
const later = watchPool(watched, { directory: process.env.WATCH_DIR });
const kept = await watched.connect();
await kept.query('select 1 as "on a connection of the first watch"');
await new Promise((resolve) => setTimeout(resolve, 30));
kept.release(true);
await watched.query('select 1 as "watched later"');
later.stop();
const atLast = isSame(methods(), before);
await Promise.all([watched.end(), other.end()]);
console.log(JSON.stringify({ errors, afterErrors, whileWatched, afterwards, atLast, paths: [watch.path, again.path, later.path] }));
