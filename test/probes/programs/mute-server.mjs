/** A server that takes connections and says nothing: what waits for one is turned away by the pool's timeout. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import pg from 'pg';

const sockets = new Set();
const server = createServer((socket) => sockets.add(socket.on('error', () => {}))).listen(0, '127.0.0.1');
await once(server, 'listening');
const pool = new pg.Pool({ host: '127.0.0.1', port: server.address().port, user: 'me', max: 1, connectionTimeoutMillis: 60 });
const errors = await Promise.all([pool.connect(), pool.query('select 1')].map((request) => request.then(() => 'connected', (error) => error.message)));
console.log(JSON.stringify(errors));
for (const socket of sockets) socket.destroy();
server.close();
await pool.end();
