// A PgBouncer in transaction mode before the database: a client has one of its five connections for a transaction.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chooseAccount } from '../database/account.js';
import { systemEnv } from '../find-program.js';

const { hostname, port, pathname, username, password } = new URL(process.env['DATABASE_URL'] ?? '');
const name = decodeURIComponent(pathname.slice(1));
const server = `host=${hostname} port=${port || 5432} dbname=${name} user=${decodeURIComponent(username)} password='${decodeURIComponent(password).replaceAll("'", "''")}'`;
const listenPort = await findFreePort();
const folder = mkdtempSync(join(tmpdir(), 'lifeguard-pgbouncer-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const config = join(folder, 'pgbouncer.ini');
writeFileSync(config, `[databases]
${name} = ${server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
ignore_startup_parameters = extra_float_digits
`, { mode: 0o600 });
// Like PostgreSQL, it does not run as root.
const account = chooseAccount();
chmodSync(folder, 0o700);
for (const path of [folder, config]) if (account.uid !== undefined && account.gid !== undefined) chownSync(path, account.uid, account.gid);

const bouncer = spawn('pgbouncer', [config], { ...account, env: systemEnv(), stdio: ['ignore', 'ignore', 'inherit'] });
bouncer.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
bouncer.once('exit', (code) => process.exit(code ?? 0));
process.once('SIGTERM', () => bouncer.kill('SIGTERM'));

while (!(await isOpen(listenPort))) await delay(20);
console.log(`in place of the database: postgres://${username}@127.0.0.1:${listenPort}${pathname}`);

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}
