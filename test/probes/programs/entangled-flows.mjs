/** Flows that share, race, hand over and overlap. Arrows as in kinds-of-waits.mjs. */
import { AsyncResource } from 'node:async_hooks';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { startSlowServer } from './slow-server.mjs';
import { connectionString, makePool, pool, runCases, transaction } from './transactions.mjs';

const server = await startSlowServer();
const otherPool = makePool({ max: 2 });
/** Nothing listens there any more. */
const nobody = await startSlowServer().then((slow) => (slow.stop(), slow.url));

/** Requests with a connection each, all from the same tick, through a pool of one. */
async function queueUp(count, handle) {
  const narrow = makePool({ max: 1 });
  await Promise.all(Array.from({ length: count }, (_, i) => handle(narrow, i + 1)));
  await narrow.end();
}

/** A data loader: sends what was asked for once two have asked, on behalf of both. */
function createLoader() {
  let asked = 0;
  let settle;
  const answer = new Promise((resolve) => (settle = resolve));
  const send = async () => {
    const response = await fetch(`${server.url}/batch`); // ← http "GET 127.0.0.1:port/batch" [completes a batch] ← http "GET 127.0.0.1:port/batch" [own batch]
    settle(await response.text());
  };
  return {
    get asked() {
      return asked;
    },
    load() {
      if (++asked === 2) process.nextTick(() => void send());
      return answer;
    },
  };
}

/** The first keeps its transaction open while the second makes a request over the socket that the first opened. */
async function shareSocket(get, what = '') {
  const opened = {};
  await Promise.all([
    transaction(`opens the socket${what}`, async (client) => {
      await get('/opens');
      opened.at = Date.now();
      await client.query('select pg_sleep(0.1)');
    }),
    (async () => {
      while (opened.at === undefined) await delay(1);
      await transaction(`uses the socket${what}`, async (client) => {
        await get('/uses');
        await client.query('select 2');
      });
    })(),
  ]);
}

/** Timers, one after the other, the last of which starts when the statements have been answered, however long that takes. */
async function outlast(...statements) {
  let isOver = false;
  const answered = Promise.all(statements).then(() => (isOver = true));
  for (let isLast = false; !isLast; ) {
    isLast = isOver;
    await delay(20); // ← timer "20 ms" ×+ [a statement and a timer] ← timer "20 ms" ×+ [a pooled pipeline] ← timer "20 ms" ×+ [a result that is there before it is awaited]
  }
  await answered;
}

/** Statements, one after the other, the last of which is answered when the timer is over. */
async function outlastTimer(client, timer) {
  const it = { isOver: false };
  const fired = timer.then(() => (it.isOver = true));
  do await client.query('select pg_sleep(0.02)');
  while (!it.isOver);
  await fired;
}

await runCases({
  'a statement and a timer': (tx) =>
    tx(async (client) => {
      const statement = client.query('select 2');
      await Promise.all([statement, outlast(statement)]);
    }),
  'a timer and a slow statement': (tx) =>
    tx(async (client) => {
      const timer = delay(5);
      await Promise.all([timer, outlastTimer(client, timer)]);
    }),
  'the last of three': (tx) =>
    tx(async () => {
      const others = [delay(2), readFile('package.json')];
      const told = Promise.all(others).then(() => server.answer());
      await Promise.all([
        ...others,
        fetch(`${server.url}/when-told`), // ← http "GET 127.0.0.1:port/when-told"
      ]);
      await told;
    }),
  allSettled: (tx) =>
    tx(async () => {
      await Promise.allSettled([
        Promise.reject(new Error('expected')),
        delay(15), // ← timer "15 ms"
      ]);
    }),
  'a race that the request wins': (tx) =>
    tx(async () => {
      const abort = new AbortController();
      await Promise.race([
        delay(5000, null, { signal: abort.signal }).catch(() => {}),
        fetch(`${server.url}/slow`), // ← http "GET 127.0.0.1:port/slow"
      ]);
      abort.abort();
    }),
  'a race that the timer wins': (tx) =>
    tx(async () => {
      const abort = new AbortController();
      const lost = fetch(`${server.url}/never`, { signal: abort.signal }).catch(() => {});
      await Promise.race([
        lost,
        delay(12), // ← timer "12 ms"
      ]);
      abort.abort();
    }),
  'a race against a statement': (tx) =>
    tx(async (client) => {
      await Promise.race([client.query('select pg_sleep(0.05)'), delay(5)]);
      await client.query('select 2');
    }),
  'aborted by a timer': (tx) =>
    tx(async () => {
      const signal = AbortSignal.timeout(25); // ← timer "25 ms"
      await fetch(`${server.url}/never`, { signal }).catch(() => {});
    }),
  'a timeout that does not happen': (tx) =>
    tx(async () => {
      await fetch(`${server.url}/slow`, { signal: AbortSignal.timeout(5000) }); // ← http "GET 127.0.0.1:port/slow"
    }),
  'two interleaved transactions:': async () => {
    await Promise.all([
      transaction('left', async (client) => {
        await delay(20); // ← timer "20 ms" [left]
        await client.query('select 2');
        await readFile('package.json'); // ← file [left]
      }),
      transaction('right', async (client) => {
        await client.query('select 2');
        await fetch(`${server.url}/right`); // ← http "GET 127.0.0.1:port/right" [right]
        await client.query('select 3');
      }),
      transaction('middle', async (client) => {
        for (let i = 0; i < 10; i++) await client.query('select pg_sleep(0.003)');
      }),
    ]);
  },
  'a full pool:': () =>
    queueUp(6, async (narrow, i) => {
      await delay(i % 3);
      await transaction(
        `in the queue ${i}`,
        async (client) => {
          if (i % 2 === 0) await delay(10); // ← timer "10 ms" [in the queue 2] ← timer "10 ms" [in the queue 4] ← timer "10 ms" [in the queue 6]
          await client.query('select 2');
        },
        narrow,
      );
      await delay(i % 3);
    }),
  'a full pool, in callback style:': () =>
    queueUp(
      4,
      (narrow, i) =>
        new Promise((resolve) => {
          narrow.connect((_, client, done) => {
            client.query('BEGIN', () => {
              client.query(`select 1 as "callback ${i}"`, () => {
                const commit = () => client.query('COMMIT', () => (done(), setTimeout(resolve, 5)));
                if (i === 3) setTimeout(commit, 15); // ← timer "15 ms" [callback 3]
                else commit();
              });
            });
          });
        }),
    ),
  'a service with a full pool:': async () => {
    const narrow = makePool({ max: 2 });
    let served = 0;
    const serve = async (request, response) => {
      const [, kind] = request.url.split('/');
      const name = `${kind} request ${++served}`;
      await transaction(
        name,
        async (client) => {
          if (kind === 'slow') await delay(10); // ← timer "10 ms" [slow request 1] ← timer "10 ms" [slow request 3] ← timer "10 ms" [slow request 5]
          await client.query('select 2');
        },
        narrow,
      );
      response.end();
    };
    const service = http.createServer((request, response) => void serve(request, response));
    await once(service.listen(0, '127.0.0.1'), 'listening');
    const request = (path) => fetch(`http://127.0.0.1:${service.address().port}${path}`).then((response) => response.text());
    const requests = [];
    for (let i = 0; i < 3; i++) {
      for (const path of ['/slow', '/quick']) {
        requests.push(request(path));
        while (served < requests.length) await delay(1);
      }
    }
    await Promise.all(requests);
    service.closeAllConnections();
    service.close();
    await narrow.end();
  },
  'a cache shared by two requests:': async () => {
    const cache = new Map();
    const asked = [];
    const load = (key) => {
      asked.push(key);
      if (!cache.has(key)) cache.set(key, fetch(`${server.url}/when-told`)); // ← http "GET 127.0.0.1:port/when-told" [fills the cache]
      return cache.get(key);
    };
    const askedBy = async (count) => {
      while (asked.length < count) await delay(1);
    };
    const fills = transaction('fills the cache', async () => {
      await load('a');
    });
    await askedBy(1);
    const reads = transaction('reads the cache', async () => {
      await load('a'); // ← foreign http "GET 127.0.0.1:port/when-told" [reads the cache]
    });
    await askedBy(2);
    server.answer();
    await Promise.all([fills, reads]);
    await transaction('finds it in the cache', async () => {
      await load('a');
    });
  },
  'a batch of two requests:': async () => {
    const loader = createLoader();
    const first = transaction('begins a batch', async () => {
      await loader.load(); // ← foreign http "GET 127.0.0.1:port/batch" [begins a batch]
    });
    while (loader.asked === 0) await delay(1);
    await transaction('completes a batch', async (client) => {
      await client.query('select 2');
      await loader.load();
    });
    await first;
  },
  'own batch': (tx) => {
    const loader = createLoader();
    return tx(async () => {
      await Promise.all([loader.load(), loader.load()]);
    });
  },
  'an error, then a rollback': (tx) =>
    tx(async (client) => {
      await client.query('select 1/0').catch(() => {});
      await delay(15); // ← timer "15 ms"
      await client.query('ROLLBACK');
    }),
  'an error in callback style': () =>
    new Promise((resolve) => {
      pool.connect((_, client, done) => {
        client.query('BEGIN', () => {
          client.query('select 1 as "an error in callback style"', () => {
            client.query('select 1/0', () => {
              setTimeout(() => client.query('ROLLBACK', () => (done(), resolve())), 15); // ← timer "15 ms"
            });
          });
        });
      });
    }),
  'a transaction in each of two pools': (tx) =>
    tx(async () => {
      const inner = await otherPool.connect(); // ← checkout
      await inner.query('BEGIN'); // ← query "BEGIN"
      await inner.query('select 1 as "the inner one"'); // ← query "select ? as 'the inner one'"
      await delay(15); // ← timer "15 ms" ← timer "15 ms" [the inner one]
      await inner.query('COMMIT'); // ← query "COMMIT"
      inner.release();
    }),
  'a nested checkout that has to queue:': async () => {
    const narrow = makePool({ max: 1 });
    const holder = await narrow.connect();
    const queued = transaction('queues inside', async () => {
      const second = await narrow.connect(); // ← checkout [queues inside]
      second.release();
    });
    while (narrow.waitingCount === 0) await delay(1);
    await transaction('lets another go on', async (client) => {
      await client.query('select pg_sleep(0.02)');
      holder.release();
    });
    await queued;
    await narrow.end();
  },
  'a nested checkout that times out': async (tx) => {
    const narrow = makePool({ max: 1 });
    const holder = await narrow.connect();
    // From now on, as to connect may take longer on a busy machine.
    narrow.options.connectionTimeoutMillis = 20;
    await tx(async () => {
      await narrow.connect().catch(() => {}); // ← checkout
      await narrow.query('select 1').catch(() => {}); // ← checkout
    });
    holder.release();
    await narrow.end();
  },
  'a nested checkout that times out, in callback style': async () => {
    const narrow = makePool({ max: 1 });
    const holder = await narrow.connect();
    narrow.options.connectionTimeoutMillis = 20;
    await new Promise((resolve) => {
      pool.connect((_, client, done) => {
        client.query('BEGIN', () => {
          client.query('select 1 as "a nested checkout that times out, in callback style"', () => {
            narrow.connect(() => { // ← checkout
              setTimeout(() => client.query('ROLLBACK', () => (done(), resolve())), 10); // ← timer "10 ms"
            });
          });
        });
      });
    });
    holder.release();
    await narrow.end();
  },
  'a nested checkout that cannot connect': (tx) => {
    const nowhere = new pg.Pool({ host: '127.0.0.1', port: Number(new URL(nobody).port) });
    return tx(async () => {
      await nowhere.connect().catch(() => {}); // ← checkout
    });
  },
  'a client without a pool': async () => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    await delay(8);
    await client.query('BEGIN');
    await client.query('select 1 as "a client without a pool"');
    await delay(15); // ← timer "15 ms"
    await client.query('COMMIT');
    await delay(8);
    await client.end();
  },
  'a cursor': (tx) =>
    tx(async (client) => {
      const cursor = client.query(new Cursor('select generate_series(1, 10)'));
      await cursor.read(5);
      await delay(12); // ← timer "12 ms"
      await cursor.read(5);
      await cursor.close();
    }),
  'a cursor, in callback style': () =>
    new Promise((resolve) => {
      pool.connect((_, client, done) => {
        client.query('BEGIN', () => {
          client.query('select 1 as "a cursor, in callback style"', () => {
            const cursor = client.query(new Cursor('select generate_series(1, 10)'));
            const finish = () => cursor.close(() => client.query('COMMIT', () => (done(), resolve())));
            cursor.read(5, () => {
              setTimeout(() => cursor.read(5, finish), 12); // ← timer "12 ms"
            });
          });
        });
      });
    }),
  'a cursor, reads only': (tx) =>
    tx(async (client) => {
      const cursor = client.query(new Cursor('select generate_series(1, 10)'));
      while ((await cursor.read(3)).length > 0);
      await cursor.close();
    }),
  'a query stream': (tx) =>
    tx(async (client) => {
      const stream = client.query(new QueryStream('select generate_series(1, 4)', [], { batchSize: 1, highWaterMark: 1 }));
      for await (const row of stream) await delay(6, row); // ← timer "6 ms" ×+
    }),
  'a query stream, reads only': (tx) =>
    tx(async (client) => {
      const stream = client.query(new QueryStream('select generate_series(1, 100)', [], { batchSize: 10 }));
      const rows = [];
      for await (const row of stream) rows.push(row);
    }),
  'a pipeline': async () => {
    const client = new pg.Client({ connectionString, pipeline: true });
    await client.connect();
    await Promise.all([client.query('BEGIN'), client.query('select 1 as "a pipeline"'), client.query('select 2')]);
    await delay(15); // ← timer "15 ms"
    await Promise.all([client.query('select 3'), client.query('select pg_sleep(0.02)'), client.query('COMMIT')]);
    await client.end();
  },
  'a pooled pipeline': async () => {
    const pipelined = makePool({ max: 1, pipeline: true });
    await transaction(
      'a pooled pipeline',
      async (client) => {
        const statements = [client.query('select 2'), client.query('select 3')];
        await Promise.all([...statements, outlast(...statements)]);
      },
      pipelined,
    );
    await pipelined.end();
  },
  'a prepared statement': (tx) =>
    tx(async (client) => {
      const prepared = (value) => ({ name: 'prepared', text: 'select $1::int as value', values: [value] });
      await client.query(prepared(1));
      await client.query(prepared(2));
      await delay(10); // ← timer "10 ms"
      await client.query(prepared(3));
    }),
  'begun with another statement': async () => {
    const client = await pool.connect();
    await client.query('BEGIN; select 1 as "first"');
    await delay(10); // ← timer "10 ms"
    await client.query('select 1 as "begun with another statement"');
    await client.query('select 2; COMMIT');
    client.release();
  },
  'an AsyncResource of the program': (tx) => {
    const resource = new AsyncResource('JOB');
    const jobs = [];
    const timer = setInterval(() => jobs.shift()?.(), 5);
    return tx(async () => {
      await new Promise((resolve) => jobs.push(() => resource.runInAsyncScope(resolve))); // ← foreign timer "5 ms"
    }).finally(() => clearInterval(timer));
  },
  'a promise that is settled already': async (tx) => {
    const ready = delay(2);
    await ready;
    await tx(async (client) => {
      await ready;
      await client.query('select 2');
      await ready;
    });
  },
  'work that is done before it is awaited': (tx) =>
    tx(async (client) => {
      const early = delay(5);
      await outlastTimer(client, early);
      await early;
    }),
  'a result that is there before it is awaited': (tx) =>
    tx(async (client) => {
      const result = client.query('select 2');
      await outlast(result);
      await result;
    }),
  'work that is not done when it is awaited': (tx) =>
    tx(async (client) => {
      const early = fetch(`${server.url}/when-told`); // ← http "GET 127.0.0.1:port/when-told"
      await client.query('select pg_sleep(0.01)');
      server.answer();
      await early;
    }),
  'two requests in a row': (tx) =>
    tx(async (client) => {
      await (await fetch(`${server.url}/one`)).text(); // ← http "GET 127.0.0.1:port/one"
      await (await fetch(`${server.url}/two`)).text(); // ← http "GET 127.0.0.1:port/two"
      await client.query('select 2');
      await (await fetch(`${server.url}/three`)).text(); // ← http "GET 127.0.0.1:port/three"
    }),
  'one socket for two, by http:': async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const get = (path) => new Promise((resolve) => void http.get(server.url + path, { agent }, (response) => response.resume().on('end', resolve))); // ← http "GET 127.0.0.1:port/opens" [opens the socket] ← http "GET 127.0.0.1:port/uses" [uses the socket]
    await shareSocket(get);
    agent.destroy();
  },
  'one socket for two, by fetch:': async () => {
    const get = async (path) => (await fetch(server.url + path)).text(); // ← http "GET 127.0.0.1:port/opens" [opens the socket of fetch] ← http "GET 127.0.0.1:port/uses" [uses the socket of fetch]
    await shareSocket(get, ' of fetch');
  },
  'woken by the request of another:': async () => {
    const waiting = [];
    const first = transaction('waits for another', async () => {
      await new Promise((resolve) => waiting.push(resolve)); // ← foreign http "GET 127.0.0.1:port/another" [waits for another]
    });
    while (waiting.length === 0) await delay(1);
    await transaction('wakes another', async (client) => {
      await fetch(`${server.url}/another`); // ← http "GET 127.0.0.1:port/another" [wakes another]
      for (const wake of waiting) wake();
      await client.query('select 2');
    });
    await first;
  },
  'woken by nobody in a transaction:': async () => {
    const waiting = [];
    const first = transaction('waits for a request', async () => {
      // Nothing tells this from a request of its own over a socket that others had opened.
      await new Promise((resolve) => waiting.push(resolve)); // ← socket [waits for a request]
    });
    while (waiting.length === 0) await delay(1);
    await fetch(`${server.url}/outside`);
    for (const wake of waiting) wake();
    await first;
  },
  'woken by a statement of another:': async () => {
    const waiting = [];
    const first = transaction('waits for a statement', async () => {
      await new Promise((resolve) => waiting.push(resolve)); // ← foreign query "select pg_sleep(?)" [waits for a statement]
    });
    while (waiting.length === 0) await delay(1);
    await transaction('statement of another', async (client) => {
      await client.query('select pg_sleep(0.02)');
      for (const wake of waiting) wake();
      await client.query('select 2');
    });
    await first;
  },
  'an error thrown after a wait': (tx) =>
    tx(async () => {
      const fail = async () => {
        await delay(10); // ← timer "10 ms"
        throw new Error('expected');
      };
      await fail().catch(() => {});
    }),
  'waits around, not inside': async (tx) => {
    await delay(5);
    await tx(async (client) => {
      await client.query('select 2');
    });
    await delay(5);
  },
  'a retry with a pause outside:': async () => {
    for (let attempt = 1; attempt <= 2; attempt++) {
      await transaction(`attempt ${attempt}`, async (client) => {
        if (attempt === 1) await client.query('select 1/0');
      }).catch(() => delay(5));
    }
  },
});

server.stop();
await Promise.all([pool.end(), otherPool.end()]);
