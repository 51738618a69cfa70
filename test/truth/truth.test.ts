/**
 * Whether we are right about other people's programs: every way in which Node services talk to PostgreSQL, each as its own
 * documentation has it, faulty and clean.
 */
import test from 'ava';
import { analyse } from '../../reports/analyse.js';
import type { RuleId } from '../../reports/model.js';
import { RULES } from '../../reports/rules/index.js';
import { useDatabase } from '../support/database.js';
import { startHttp } from '../support/http-service.js';
import { linesOf, recordProgram } from '../support/program.js';
import { programFiles, readPrograms, score, type Score } from './support/marked-program.js';
import { Turns } from './support/turns.js';

const SCHEMA = `
  create table users (id serial primary key, name text not null, email text);
  create table orders (id serial primary key, user_id integer references users, total integer not null default 0, status text);
  create table accounts (id serial primary key, owner text not null, balance integer not null default 0);
  create table archived (id integer primary key, total integer not null);
  insert into users (name) values ('Ada'), ('Grace'), ('Edsger');
  insert into orders (user_id, total) values (1, 10), (2, 20), (3, 30);
  insert into accounts (owner, balance) values ('Ada', 100), ('Grace', 100), ('Edsger', 100), ('Barbara', 100);
`;

const { database } = useDatabase(test, { schema: SCHEMA });

/** How long the service that programs call takes to answer. */
const SERVICE_MS = 20;

/** So many programs run at a time: they are not to be late because of each other. */
const AT_ONCE = 5;
const turns = new Turns(AT_ONCE);

const KNOWN: RuleId[] = RULES.map(({ id }) => id);
const scores = new Map<string, Score>();

for (const program of readPrograms()) {
  const { file, title } = program;
  test(`${file}: ${title}`, async (t) => {
    const service = await startHttp(t, (_, response) => void setTimeout(() => response.end('done'), SERVICE_MS));
    const env = { DATABASE_URL: await database(), SERVICE_URL: service, NODE_NO_WARNINGS: '1' };
    const { status, signal, stderr, directory, traces } = await turns.take(() => recordProgram(t, { files: programFiles(), entry: file, env }));
    t.is(status, 0, `it ended with ${signal ?? status}: ${stderr}`);
    t.deepEqual(traces.flatMap((trace) => linesOf(trace, 'problem')), [], 'the probe had no trouble');
    const { report } = await analyse([directory]);
    const result = score(program, report.findings, KNOWN);
    scores.set(file, result);
    t.deepEqual({ missed: result.missed, falseAlarms: result.falseAlarms }, { missed: [], falseAlarms: [] });
  });
}

test.after.always('what was found', (t) => {
  const rows = [...scores].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([file, { found, missed, falseAlarms }]) => row(file, found.length, missed.length, falseAlarms.length));
  t.log([row('program', 'found', 'missed', 'false'), ...rows].join('\n'));
});

function row(name: string, ...numbers: (string | number)[]): string {
  return name.padEnd(32) + numbers.map((number) => String(number).padStart(8)).join('');
}
