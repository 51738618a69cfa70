// Stands before the database and opens its connections one after the other, each in its own time: as a server does whose
// logins go through a busy directory, or TLS over a long way.
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const HANDSHAKE_MS = 120;
const target = new URL(process.env['DATABASE_URL'] ?? '');
let last: Promise<unknown> = Promise.resolve();

const server = createServer((client) => {
  client.on('error', () => {});
  last = passOn(client, last);
});

async function passOn(client: Socket, before: Promise<unknown>): Promise<void> {
  await before;
  await delay(HANDSHAKE_MS);
  if (client.destroyed) return;
  const upstream = connect(Number(target.port || 5432), target.hostname);
  upstream.on('error', () => client.destroy());
  client.on('close', () => upstream.destroy());
  client.pipe(upstream).pipe(client);
}

server.listen(0, '127.0.0.1', () => {
  const here = new URL(target);
  here.hostname = '127.0.0.1';
  here.port = String((server.address() as AddressInfo).port);
  console.log(`in place of the database: ${here.href}`);
});
process.once('SIGTERM', () => process.exit());
