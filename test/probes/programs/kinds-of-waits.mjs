/**
 * One transaction a case. A line with an arrow is one that the transaction waits at, and says for what; a case without an
 * arrow waits for nothing but its database.
 */
import { execFile } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import dns from 'node:dns';
import { EventEmitter, once } from 'node:events';
import { createReadStream, readFile as readFileThen } from 'node:fs';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { gzip } from 'node:zlib';
import { startSlowServer } from './slow-server.mjs';
import { makePool, pool, runCases } from './transactions.mjs';

const server = await startSlowServer();
const otherPool = makePool({ max: 2 });
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const bus = new EventEmitter();

/** Timers, one after the other, the last of which starts when `isAwaited` says so. */
async function goOnUntil(isAwaited) {
  for (let isLast = false; !isLast; ) {
    isLast = isAwaited();
    await delay(20);
  }
}

function get(url) {
  return new Promise((resolve, reject) => {
    http.get(url, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject); // ← http "GET 127.0.0.1:port/slow" [http] ← http "GET 127.0.0.1:port/slow" [http again]
  });
}

await runCases({
  timer: (tx) =>
    tx(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20)); // ← timer "20 ms"
    }),
  'timers/promises': (tx) =>
    tx(async () => {
      await delay(20); // ← timer "20 ms"
    }),
  'two timers': (tx) =>
    tx(async (client) => {
      await delay(12); // ← timer "12 ms"
      await delay(8); // ← timer "8 ms"
      await client.query('select 2');
      await delay(10); // ← timer "10 ms"
    }),
  'the same line again': (tx) =>
    tx(async (client) => {
      for (let i = 0; i < 3; i++) {
        await delay(6); // ← timer "6 ms" ×3
        await client.query('select 2');
      }
    }),
  interval: (tx) =>
    tx(async () => {
      await new Promise((resolve) => {
        const timer = setInterval(() => (clearInterval(timer), resolve()), 15); // ← timer "15 ms"
      });
    }),
  fetch: (tx) =>
    tx(async () => {
      const response = await fetch(`${server.url}/slow?token=secret`); // ← http "GET 127.0.0.1:port/slow"
      await response.text();
    }),
  'fetch in a helper of a helper': (tx) => {
    async function requestToken() {
      const response = await fetch(`${server.url}/token`, { method: 'POST' }); // ← http "POST 127.0.0.1:port/token"
      return response.text();
    }
    const authorise = async () => ({ token: await requestToken() });
    return tx(async () => {
      await authorise();
    });
  },
  http: (tx) =>
    tx(async () => {
      await get(`${server.url}/slow?token=secret`);
    }),
  // Over the socket of the transaction before.
  'http again': (tx) =>
    tx(async () => {
      await get(`${server.url}/slow?token=secret`);
    }),
  'fs promises': (tx) =>
    tx(async () => {
      await readFile('package.json'); // ← file
    }),
  'fs callback': (tx) =>
    tx(async () => {
      await new Promise((resolve) => readFileThen('package.json', resolve)); // ← file
    }),
  'dns promise': (tx) =>
    tx(async () => {
      await dns.promises.lookup('localhost'); // ← dns "localhost"
    }),
  'dns callback': (tx) =>
    tx(async () => {
      await new Promise((resolve) => dns.lookup('localhost', resolve)); // ← dns "localhost"
    }),
  'child process': (tx) =>
    tx(async () => {
      await promisify(execFile)('true', ['--token=secret']); // ← child-process "true"
    }),
  worker: (tx) =>
    tx(async () => {
      const worker = new Worker('require("worker_threads").parentPort.postMessage(1)', { eval: true, env: { LIFEGUARD: 'off' } }); // ← worker
      await once(worker, 'message');
    }),
  pbkdf2: (tx) =>
    tx(async () => {
      await promisify(pbkdf2)('password', 'salt', 20_000, 32, 'sha256'); // ← crypto
    }),
  'web crypto': (tx) =>
    tx(async () => {
      await crypto.subtle.digest('SHA-256', new Uint8Array(4_000_000)); // ← crypto
    }),
  zlib: (tx) =>
    tx(async () => {
      await promisify(gzip)(Buffer.alloc(2_000_000, 1)); // ← zlib
    }),
  'stream, for await': (tx) =>
    tx(async () => {
      let bytes = 0;
      for await (const chunk of createReadStream('package.json')) bytes += chunk.length; // ← file
    }),
  "another pool's query": (tx) =>
    tx(async () => {
      await otherPool.query('select pg_sleep(0.02)'); // ← query "select pg_sleep(?)"
    }),
  'a query of the same pool': (tx) =>
    tx(async () => {
      await pool.query('select pg_sleep(0.02)'); // ← query "select pg_sleep(?)"
    }),
  'a query in callback style': (tx) =>
    tx(async () => {
      await new Promise((resolve) => {
        pool.query('select pg_sleep(0.02)', resolve); // ← query "select pg_sleep(?)"
      });
    }),
  'nested checkout': (tx) =>
    tx(async () => {
      const second = await pool.connect(); // ← checkout
      await second.query('select 5'); // ← query "select ?"
      second.release();
    }),
  'event emitter': (tx) =>
    tx(async () => {
      setTimeout(() => bus.emit('own'), 15); // ← timer "15 ms"
      await once(bus, 'own');
    }),
  'async generator': (tx) => {
    async function* generate() {
      await delay(6); // ← timer "6 ms"
      yield 1;
      await delay(7); // ← timer "7 ms"
      yield 2;
    }
    return tx(async () => {
      const values = [];
      for await (const value of generate()) values.push(value);
    });
  },
  'generator with statements': (tx) => {
    async function* generate(client) {
      yield client.query('select 2');
      await delay(7); // ← timer "7 ms"
      yield client.query('select 3');
    }
    return tx(async (client) => {
      const values = [];
      for await (const value of generate(client)) values.push(value);
    });
  },
  'callbacks all through': () =>
    new Promise((resolve) => {
      pool.connect((_, client, done) => {
        client.query('BEGIN', () => {
          client.query('select 1 as "callbacks all through"', () => {
            const commit = () => client.query('COMMIT', () => (done(), resolve()));
            setTimeout(commit, 18); // ← timer "18 ms"
          });
        });
      });
    }),
  'callbacks, statements only': () =>
    new Promise((resolve) => {
      pool.connect((_, client, done) => {
        client.query('BEGIN', () => {
          client.query('select 1 as "callbacks, statements only"', () => client.query('COMMIT', () => (done(), resolve())));
        });
      });
    }),
  'started before': (tx) => {
    let isAwaited = false;
    const shared = goOnUntil(() => isAwaited);
    return tx(async () => {
      isAwaited = true;
      await shared; // ← foreign timer "20 ms"
    });
  },
  'emitter triggered by others': (tx) => {
    let isAwaited = false;
    void goOnUntil(() => isAwaited).then(() => bus.emit('go'));
    return tx(async () => {
      isAwaited = true;
      await once(bus, 'go'); // ← foreign timer "20 ms"
    });
  },
  'resolver kept by others': (tx) => {
    let resolve;
    const ready = new Promise((settle) => (resolve = settle));
    let isAwaited = false;
    void goOnUntil(() => isAwaited).then(resolve);
    return tx(async () => {
      isAwaited = true;
      await ready; // ← foreign timer "20 ms"
    });
  },
  'statements only': (tx) =>
    tx(async (client) => {
      await client.query('select 2');
      await client.query('select $1::int', [3]);
    }),
  'two statements at once': (tx) =>
    tx(async (client) => {
      await Promise.all([client.query('select 2'), client.query('select 3')]);
    }),
  'a timer that nobody awaits': (tx) =>
    tx(async (client) => {
      void delay(5);
      setTimeout(() => {}, 10);
      await client.query('select pg_sleep(0.03)');
      await client.query('select 3');
    }),
  'a fetch that nobody awaits': (tx) =>
    tx(async (client) => {
      const late = fetch(`${server.url}/slow`).then((response) => response.text());
      await client.query('select 2');
      await client.query('select pg_sleep(0.05)');
      await client.query('select 3');
      void late;
    }),
  'async helpers that only query': (tx) => {
    const select = async (client, value) => {
      const { rows } = await client.query('select $1::int as value', [value]);
      return rows;
    };
    const selectTwice = async (client) => [...(await select(client, 1)), ...(await select(client, 2))];
    return tx(async (client) => {
      await selectTwice(client);
      await selectTwice(client);
    });
  },
  setImmediate: (tx) =>
    tx(async () => {
      await new Promise((resolve) => setImmediate(resolve));
    }),
  nextTick: (tx) =>
    tx(async () => {
      await new Promise((resolve) => process.nextTick(resolve));
    }),
  queueMicrotask: (tx) =>
    tx(async () => {
      await new Promise((resolve) => queueMicrotask(resolve));
      for (let i = 0; i < 20; i++) await Promise.resolve();
    }),
  savepoints: (tx) =>
    tx(async (client) => {
      await client.query('savepoint one');
      await client.query('select 2');
      await client.query('rollback to one');
      await client.query('release one');
    }),
  'a slow statement': (tx) =>
    tx(async (client) => {
      await client.query('select pg_sleep(0.05)');
    }),
});

server.stop();
agent.destroy();
await Promise.all([pool.end(), otherPool.end()]);
