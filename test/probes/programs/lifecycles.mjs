/** Checkouts that begin and end in all the ways there are. Says what the program itself saw, a JSON line a case. */
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { connectionString, makePool, pool, runCases, transaction } from './transactions.mjs';

const tight = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 100 }); // the tight pool
const closed = new pg.Pool({ host: '127.0.0.1', port: Number(process.env.CLOSED_PORT), user: 'nobody', database: 'none', password: 'canary-password' });

function say(name, value) {
  console.log(JSON.stringify([name, value]));
}

function describe(error) {
  return { name: error.name, message: error.message, code: error.code };
}

const failure = (promise) => promise.then(() => 'no error', describe);

/** A checkout that says its name, and what `use` does with its client. */
async function hold(name, use, from = pool) {
  const client = await from.connect();
  await client.query(`select 1 as "${name}"`);
  await use(client);
}

await runCases({
  released: (_, name) => hold(name, (client) => client.release()),
  destroyed: (_, name) => hold(name, (client) => client.release(true)),
  'destroyed with an error': (_, name) => hold(name, (client) => client.release(new Error('canary-error'))),
  'used up': async (_, name) => {
    const once = makePool({ max: 1, maxUses: 1 });
    await hold(name, (client) => client.release(), once);
    await once.end();
  },
  backend: (_, name) =>
    hold(name, async (client) => {
      const { rows } = await client.query('select pg_backend_pid() as pid');
      say(name, rows[0].pid);
      client.release();
    }),
  // To connect may itself take too long on a busy machine.
  'before the timeouts': async () => {
    while (tight.totalCount === 0) await tight.connect().then((client) => client.release(), () => {});
  },
  timeout: async (_, name) => {
    await hold(
      'keeps the others waiting',
      async (client) => {
        const callback = new Promise((resolve) => tight.connect((error) => resolve(describe(error))));
        say(name, [await failure(tight.connect()), await failure(tight.query('select 1')), await callback, tight.waitingCount]);
        client.release();
      },
      tight,
    );
    await hold('after the timeouts', (client) => client.release(), tight);
  },
  'cannot connect': async (_, name) => {
    const callback = new Promise((resolve) => closed.query('select 1', (error) => resolve(describe(error))));
    say(name, [await failure(closed.connect()), await failure(closed.query('select 1')), await callback]);
  },
  'no such database': async (_, name) => {
    const url = new URL(connectionString);
    url.pathname = '/canary_database';
    const nowhere = new pg.Pool({ connectionString: url.href });
    say(name, await failure(nowhere.connect()));
    await nowhere.end();
  },
  'a client that cannot connect': async (_, name) => {
    const client = new pg.Client({ host: '127.0.0.1', port: Number(process.env.CLOSED_PORT) });
    say(name, await failure(client.connect()));
  },
  'connect after the end': async (_, name) => {
    const ended = makePool({ max: 1 });
    await ended.end();
    say(name, await failure(ended.connect()));
  },
  errors: (_, name) =>
    hold(name, async (client) => {
      const seen = [];
      for (const text of ['select 1/0', 'selekt', 'BEGIN', 'select 1/0', 'select 2', 'ROLLBACK', 'select $1::int']) {
        seen.push(await failure(client.query(text, text.includes('$1') ? ['canary-value'] : undefined)));
      }
      say(name, seen);
      client.release();
    }),
  'an error of pool.query': async (_, name) => {
    say(name, await failure(pool.query('select 1/0 as "an error of pool.query"')));
  },
  statuses: (_, name) =>
    hold(name, async (client) => {
      const texts = [
        'BEGIN; select 1',
        'savepoint a',
        'rollback to a',
        'COMMIT and chain',
        'COMMIT',
        'START TRANSACTION',
        'END',
        'do $$ begin perform 1; end $$',
        "select 'BEGIN'",
        'BEGIN /* COMMIT */',
        'select 1; COMMIT',
      ];
      for (const text of texts) await client.query(text);
      client.release();
    }),
  'released before the answer': async (_, name) => {
    const single = makePool({ max: 1 });
    const answers = [];
    await hold(
      name,
      (client) => {
        answers.push(client.query('select pg_sleep(0.05) as "late"'));
        client.release();
      },
      single,
    );
    await hold('gets its connection', (client) => client.release(), single);
    const [answer] = await Promise.all(answers);
    say(name, answer.rowCount);
    await single.end();
  },
  terminated: async (_, name) => {
    const single = makePool({ max: 1 });
    await hold(
      name,
      async (client) => {
        // That the socket is gone is told later, to the client or its pool.
        client.on('error', () => {});
        const running = failure(client.query('select pg_sleep(30)'));
        await pool.query('select pg_terminate_backend($1)', [client.processID]);
        say(name, await running);
        client.release(new Error('gone'));
      },
      single,
    );
    await single.end();
  },
  'terminated while idle in a transaction': async (_, name) => {
    const single = makePool({ max: 1 });
    await hold(
      name,
      async (client) => {
        const gone = once(client, 'error');
        // That the socket is gone is told later.
        client.on('error', () => {});
        await client.query('BEGIN');
        await pool.query('select pg_terminate_backend($1)', [client.processID]);
        const [error] = await gone;
        const after = await failure(client.query('select 2'));
        client.release(error);
        say(name, [describe(error), after]);
      },
      single,
    );
    await single.end();
  },
  'a lone client': async (_, name) => {
    const client = new pg.Client(connectionString);
    await client.connect();
    await client.query(`select 1 as "${name}"`);
    await client.query('select 2');
    await client.end();
  },
  'several at once': (_, name) =>
    hold(name, async (client) => {
      await Promise.all([client.query('select pg_sleep(0.02)'), client.query('select 2'), client.query('select 3')]);
      client.release();
    }),
  'all kinds of queries': (_, name) =>
    hold(name, async (client) => {
      const secret = 'canary-value';
      await client.query({ text: 'select $1::text as config', values: [secret] });
      await client.query({ name: 'named', text: 'select $1::text as named', values: [secret] });
      await client.query({ name: 'named', values: [secret] });
      await client.query({ text: 'select 1 as rows', rowMode: 'array' });
      await new Promise((resolve) => client.query('select $1::text as callback', [secret], resolve));
      await new Promise((resolve) => client.query('select 1 as "plain callback"', resolve));
      const query = client.query(new pg.Query('select 1 as object'));
      await once(query, 'end');
      const cursor = client.query(new Cursor('select $1::text as cursor', [secret]));
      await cursor.read(10);
      await cursor.close();
      await client.query("select 'canary-literal' as literal, 8421337 as number /* canary-comment */");
      await client.query('');
      client.release();
    }),
  'pool.query': async (_, name) => {
    await pool.query(`select 1 as "${name}"`);
    await new Promise((resolve) => pool.query('select 1 as "pool.query with a callback"', resolve));
    await pool.query({ text: 'select $1::int as "pool.query with a config"', values: [1] });
  },
  nested: (tx) =>
    tx(async () => {
      await hold('inside nested', (client) => client.release());
      await pool.query('select 1 as "query inside nested"');
      const helper = async () => pool.query('select 1 as "in a helper inside nested"');
      await helper();
      await delay(1);
      await pool.query('select 1 as "after a wait inside nested"');
    }),
  'after the release': async (_, name) => {
    await transaction(name, () => {});
    await hold('behind it', (client) => client.release());
  },
  'side by side': async () => {
    await Promise.all([hold('left', (client) => client.release()), hold('right', (client) => client.release())]);
  },
  'started inside, used outside': async (_, name) => {
    const late = [];
    const outer = { isReleased: false };
    const useLater = async () => {
      do await delay(30);
      while (!outer.isReleased);
      await hold('after its release', (client) => client.release());
    };
    await transaction(name, async () => {
      late.push(useLater());
    });
    outer.isReleased = true;
    await Promise.all(late);
  },
  'handed over': async () => {
    const single = makePool({ max: 1 });
    const each = (i) => hold(`handed over ${i}`, (client) => client.release(), single);
    await Promise.all([1, 2, 3, 4].map(each));
    await Promise.all(
      [1, 2, 3].map(
        (i) =>
          new Promise((resolve) => {
            single.connect((_, client, done) => client.query(`select 1 as "handed over by callback ${i}"`, () => (done(), resolve())));
          }),
      ),
    );
    await single.end();
  },
  'a server opened while a connection is held': async (_, name) => {
    const listener = await pool.connect();
    await listener.query('LISTEN news');
    await listener.query(`select 1 as "${name}"`);
    const serve = async (response) => {
      await hold('in a request', (client) => client.release());
      await pool.query('select 1 as "query in a request"');
      response.end();
    };
    const server = http.createServer((_, response) => void serve(response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const agent = new http.Agent();
    await new Promise((resolve) => {
      http.get({ port: server.address().port, host: '127.0.0.1', agent }, (response) => response.resume().on('end', resolve));
    });
    agent.destroy();
    server.close();
    listener.release();
  },
});

await Promise.all([pool.end(), tight.end(), closed.end()]);
