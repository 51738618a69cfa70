/** The preload, by the package's name and either of node's options. */
import test from 'ava';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { useDatabase } from '../support/database.js';
import { MODULES, ROOT, temporaryFolder } from '../support/folder.js';
import { linesOf, readTraces } from '../support/program.js';

const { database } = useDatabase(test);

for (const option of ['--import', '--require'])
  for (const lifeguard of ['on', 'off'])
    test.serial(`node ${option} pg-lifeguard/register, turned ${lifeguard}`, async (t) => {
      const url = await database();
      const folder = temporaryFolder(t);
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(ROOT, join(folder, 'node_modules/pg-lifeguard'), 'junction');
      symlinkSync(join(MODULES, 'pg'), join(folder, 'node_modules/pg'), 'junction');
      writeFileSync(join(folder, 'app.cjs'), `
        const { Pool } = require('pg');
        const pool = new Pool({ connectionString: process.env.DATABASE_URL });
        pool.query('select 1').then(() => pool.end());
      `);
      const ended = spawnSync(process.execPath, [option, 'pg-lifeguard/register', 'app.cjs'], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, DATABASE_URL: url, LIFEGUARD: lifeguard, LIFEGUARD_DIR: join(folder, 'traces') },
      });
      t.is(ended.status, 0, ended.stderr);
      t.is(ended.stderr, '');
      // On a busy machine it may be written in parts.
      const checkouts = new Set(readTraces(join(folder, 'traces')).flatMap((trace) => linesOf(trace, 'checkout')).map(({ id }) => id));
      t.is(checkouts.size, lifeguard === 'off' ? 0 : 1);
    });
