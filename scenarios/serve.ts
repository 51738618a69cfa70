/** What every small service here has in common: routes, a port, and an orderly end. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What it returns is the answer, as JSON; undefined: it has answered by itself. What it throws is one with status 500. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<unknown> | string;

const GRACE_MS = 500;

/**
 * Serves `routes` ("GET /time": handler) at a port that it prints, until it is told to end.
 * @param end what is to be closed then, such as a pool.
 */
export function serve(routes: Readonly<Record<string, Handler>>, end?: () => Promise<unknown>): void {
  const underWay = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const handler = routes[`${request.method} ${request.url?.split('?', 1).join('')}`];
    const answering = answer(handler ?? unknown, request, response).finally(() => underWay.delete(answering));
    underWay.add(answering);
  });
  server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', 5000, () => {
    console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  process.once('SIGTERM', () => {
    // Clients that have gone leave work behind, which needs what is closed at the end.
    server.close(() => void Promise.all(underWay).then(end));
    // Requests that never end are given up.
    setTimeout(() => process.exit(1), GRACE_MS).unref();
  });
}

const unknown: Handler = (_request, response) => {
  response.writeHead(404);
  return 'there is no such page';
};

async function answer(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await handler(request, response);
    if (body !== undefined) response.end(typeof body === 'string' ? body : JSON.stringify(body));
  } catch (error) {
    if (!response.headersSent) response.writeHead(500);
    response.end(String(error));
  }
}
