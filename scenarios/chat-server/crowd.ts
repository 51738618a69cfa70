// Ten thousand people in a chat: each has a connection to the service, and mostly listens.
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { serve } from '../serve.js';

const PEOPLE = 10_000;
const AT_ONCE = 500;
const service = new URL(process.env['SERVICE_URL'] ?? '');
let open = 0;
let mostOpen = 0;
let heard = 0;

function join(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(service.port), service.hostname, () => {
      mostOpen = Math.max(mostOpen, (open += 1));
      socket.on('close', () => (open -= 1));
      socket.write(`GET /chat HTTP/1.1\r\nHost: ${service.host}\r\n\r\n`);
      resolve();
    });
    let silent = true;
    socket.on('data', (data) => {
      if (silent && data.includes('data: ')) heard += 1;
      silent &&= !data.includes('data: ');
    });
    socket.on('error', reject);
  });
}

for (let joined = 0; joined < PEOPLE; joined += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, join));
await delay(500);

async function count(): Promise<string> {
  // What was said last has to reach all.
  for (let before = -1; before < heard; await delay(1000)) before = heard;
  return `${mostOpen.toLocaleString('en')} sockets were open at once, ${heard.toLocaleString('en')} of them have heard a message`;
}

serve({ 'GET /': count });
