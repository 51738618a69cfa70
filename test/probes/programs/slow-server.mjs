/** An HTTP server that answers after a while, when it is told to (`/when-told`), or never (`/never`). */
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function startSlowServer() {
  const untold = [];
  let told = 0;
  const server = createServer((request, response) => {
    if (request.url === '/never') return;
    if (request.url !== '/when-told') setTimeout(() => response.end('late'), 20);
    else if (told > 0) {
      told--;
      response.end('told before');
    } else untold.push(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Tells it to answer one request, that is there or to come. */
    answer() {
      if (untold.length > 0) untold.shift().end('told');
      else told++;
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
