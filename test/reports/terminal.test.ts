import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { analyse } from '../../reports/analyse.js';
import { renderTerminal } from '../../reports/renderers/terminal.js';
import { analyseText, directoryWith, toNdjson } from './support/analyse-text.js';
import { randomTrace } from './support/random-trace.js';
import { traceOf } from './support/trace-text.js';

const SOURCE = `import { pool } from './pool.js';

async function renderInvoice(order) {
  const rate = await fetchRate(order.currency);
  return \`\${order.total * rate}\`;
}
`;

const EXPECTED = ` FINDINGS  app.js · 400 ms · 1 process

A transaction stays open while renderInvoice waits for GET
rates.example.com/eur, once, 96 % of all connection time; 1 request waited up to
291 ms for a connection.

Change first: app.js:4 renderInvoice

                                     waited          held
pool   max  checkouts   p50     p99     max   p50     p99  queue  all taken
100:1    1          2  0 ms  291 ms  291 ms  1 ms  300 ms      1     301 ms

Why requests waited
  10 ms after the start, for 291 ms, up to 1 at once in pool 100:1:
  connections were held without being used
       97 %  in a transaction, awaiting GET rates.example.com/eur at app.js:4
        2 %  holding a connection that it does not use
      0.3 %  running COMMIT

ERROR await-in-transaction · FINGERPRINT
A transaction stays open while renderInvoice waits for GET
rates.example.com/eur, once, 96 % of all connection time

  app.js:4 renderInvoice
    3 │ async function renderInvoice(order) {
  > 4 │   const rate = await fetchRate(order.currency);
    5 │   return \`\${order.total * rate}\`;
  called by server.js:31 handler

  once · 290 ms · 96 % of connection time
  these connections were held for 300 ms: SQL 1 %, awaiting 97 %, idle 2 %
  next to  select * from orders where id = $1
  next to  COMMIT

  Until the transaction ends, its connection serves nobody else, and its locks
  and its snapshot stay. Move GET rates.example.com/eur out of the transaction:
  ask before BEGIN and keep the answer, or commit first and call afterwards (an
  outbox row makes that safe when the process may die in between).

  In outline:
  + const rate = await fetchRate(order.currency); // nobody does
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('select * from orders where id = $1');
  - // all wait for GET rates.example.com/eur
  - const rate = await fetchRate(order.currency);
    await client.query('COMMIT');
    client.release();

WARNING pool-starvation · FINGERPRINT
1 request waited up to 291 ms for the pool's only connection; 97 % of that
because of renderInvoice: in a transaction, awaiting GET rates.example.com/eur

  app.js:4 renderInvoice
    3 │ async function renderInvoice(order) {
  > 4 │   const rate = await fetchRate(order.currency);
    5 │   return \`\${order.total * rate}\`;
  called by server.js:31 handler

  once · 291 ms

  A larger pool only moves the point at which it starves: let this line give its
  connection back before it does anything else, and every other request gets one
  sooner.
`;

const trace = (directory: string): string => `process 100 cwd ${directory}
  pool 1 max 1 timeout 5000 at main@${directory}/pool.js:3
  connection 1 connecting 0 connected 1
  checkout 1 from 1 use 300
    0..1 sql BEGIN -> T
    1..2 sql select * from orders where id = $1 -> T
    2..292 wait http "GET rates.example.com/eur" started renderInvoice@${directory}/app.js:4:22 < async handler@${directory}/server.js:31:5
    292..293 sql COMMIT
  checkout 2 from 10 wait 291 use 1 connection 1
    291..292 sql select 1
  end 0 at 400`;

test('the report at 80 columns', async (t) => {
  const directory = directoryWith(t, { 'app.js': SOURCE });
  const traces = directoryWith(t, { 'a.ndjson': toNdjson(traceOf(trace(directory))) });
  const text = renderTerminal(await analyse([traces]), { color: false, width: 80 });
  t.is(text.replace(/· [0-9a-f]{16}/g, '· FINGERPRINT'), EXPECTED);
});

test('no line is wider than the terminal, and colours change nothing but the colour', async (t) => {
  for (const width of [40, 60, 80, 120]) {
    for (let seed = 1; seed <= 10; seed += 1) {
      const analysis = await analyseText(t, randomTrace(seed), { limits: { starvationWaitMs: 5 } });
      const plain = renderTerminal(analysis, { color: false, width });
      const colored = renderTerminal(analysis, { color: true, width });
      t.is(stripVTControlCharacters(colored), plain);
      t.not(colored, plain);
      if (width >= 60) for (const line of plain.split('\n')) t.true(line.length <= width, `${line.length} > ${width}: ${line}`);
    }
  }
});
