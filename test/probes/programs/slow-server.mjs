/** An HTTP server that answers after a while, or never. */
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function startSlowServer() {
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/never')) return;
    setTimeout(() => response.end('late'), 20);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
