/** An HTTP server that answers after a while, when it is told to (`/when-told`), or never (`/never`). */
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function startSlowServer() {
  const untold = [];
  const server = createServer((request, response) => {
    if (request.url === '/never') return;
    if (request.url === '/when-told') untold.push(response);
    else setTimeout(() => response.end('late'), 20);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    answer() {
      for (const response of untold.splice(0)) response.end('told');
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
