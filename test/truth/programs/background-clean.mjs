// Clean: work that is begun in a transaction and not awaited, timers that are cancelled, requests over kept sockets
// rules: await-in-transaction, nested-checkout, connection-leak
import pg from 'pg';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5, connectionTimeoutMillis: 60_000 });
const metrics = { sent: 0 };
function sendMetric() { void fetch(`${process.env.SERVICE_URL}/m?ms=3`).then((r) => r.text()).then(() => metrics.sent++, () => {}); }
const log = (line) => new Promise((r) => setImmediate(r, line));
async function work(i) {
  const c = await pool.connect();
  try {
    await c.query('BEGIN');
    sendMetric();
    const timer = setTimeout(() => {}, 1000);
    await c.query('select $1::int as work', [i]);
    clearTimeout(timer);
    void log('x');
    await Promise.all([c.query('select 1 as a'), c.query('select 2 as b')]);
    const ac = AbortSignal.timeout(60_000);
    await Promise.race([c.query('select pg_sleep(0.005)'), new Promise((_, j) => ac.addEventListener('abort', () => j(new Error('t'))))]);
    await c.query('COMMIT');
  } finally { c.release(); }
}
const interval = setInterval(() => { void pool.query('select count(*) from users'); }, 7);
const server = http.createServer(async (req, res) => { await work(1); await fetch(`${process.env.SERVICE_URL}/after?ms=2`).then((r) => r.text()); res.end('ok'); });
await new Promise((r) => server.listen(0, r));
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const hit = () => new Promise((resolve, reject) => http.get({ port: server.address().port, agent }, (res) => { res.resume(); res.on('end', resolve); }).on('error', reject));
for (let i = 0; i < 8; i++) await Promise.all(Array.from({ length: 12 }, hit));
clearInterval(interval); agent.destroy(); server.close(); server.closeAllConnections();
await sleep(30); await pool.end();
