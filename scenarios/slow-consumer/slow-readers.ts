// Fifteen clients on a slow line: each reads 64 kB ten times a second. They begin when told to.
import { connect } from 'node:net';
import { setInterval } from 'node:timers';
import { serve } from '../serve.js';

const service = new URL(process.env['SERVICE_URL'] ?? '');

function readSlowly(): void {
  const socket = connect(Number(service.port), service.hostname);
  socket.write(`GET /export HTTP/1.1\r\nHost: ${service.host}\r\n\r\n`);
  socket.pause();
  // An ended service is no error here.
  socket.on('error', () => {});
  setInterval(() => socket.read(65_536), 100).unref();
}

serve({
  'POST /begin': () => {
    for (let reader = 0; reader < 15; reader += 1) readSlowly();
    return 'they read';
  },
});
