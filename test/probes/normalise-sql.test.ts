import test from 'ava';
import { normaliseSql } from '../../probes/observe/normalise-sql.js';
import { Random } from './support/random.js';

const CASES: Record<string, [sql: string, normalised: string][]> = {
  'plain strings': [
    ["select 'secret'", 'select ?'],
    ["select 'it''s secret', 1", 'select ?, …'],
    ["select ''", 'select ?'],
    ["select '\\', secret", 'select ?, secret'],
    ["select 'a' 'b'", 'select ? ?'],
    ["select 'a'\n'b'", 'select ? ?'],
    ["select n'secret', b'1010', x'1F'", 'select ?, …'],
    ["select U&'d\\0061t\\+000061'", 'select ?'],
    ["select 'a -- no comment', 'b /* nor here */'", 'select ?, …'],
    ["where a='x'and b='y'", 'where a=?and b=?'],
  ],
  'escape strings': [
    ["select E'it\\'s secret'", 'select ?'],
    ["select e'\\\\', secret", 'select ?, secret'],
    ["select E'it''s \\' secret', 1", 'select ?, …'],
    ["select like'x'", 'select like?'],
  ],
  'dollar quotes': [
    ['select $$secret$$', 'select ?'],
    ["select $a$it's $$ and $b$ secret$a$, 1", 'select ?, …'],
    ['do $do$ begin execute $e$select 1$e$; end $do$', 'do ?'],
    ['do $é$secret$é$', 'do ?'],
    ['select $1$2', 'select $1$2'],
    ['select a$b$c from t', 'select a$b$c from t'],
    ['create function f() returns int as $$ select 1 $$ language sql', 'create function f() returns int as ? language sql'],
  ],
  comments: [
    ['select 1 -- secret\n, a', 'select ? , a'],
    ['select /* secret */ a', 'select a'],
    ['select /* a /* secret */ b */ c', 'select c'],
    ['select a--b', 'select a'],
    ["select a /* 'secret */, b", 'select a , b'],
    ["-- it's\nselect 'x'", 'select ?'],
    ['/* hint */ select a', 'select a'],
  ],
  numbers: [
    ['select 1', 'select ?'],
    ['select 42.5 as a, .5 as b, 5. as c', 'select ? as a, ? as b, ? as c'],
    ['select 1e10 as a, 1.5E-3 as b, 1_000_000 as c', 'select ? as a, ? as b, ? as c'],
    ['select 0x1F as a, 0o17 as b, 0B11 as c', 'select ? as a, ? as b, ? as c'],
    ['select -1, +2', 'select -?, +?'],
    ['select a1, t2.c3 from s4.t2', 'select a1, t2.c3 from s4.t2'],
    ['limit 10 offset 20', 'limit ? offset ?'],
    ['select 1.e5', 'select ?'],
  ],
  lists: [
    ['where id in (1, 2, 3)', 'where id in (?, …)'],
    ['where id in (1)', 'where id in (?)'],
    ['where id in ($1,$2 , $3)', 'where id in ($1, …)'],
    ["values (1, 'a'), (2, 'b'),(3,'c')", 'values (?, …), …'],
    ['values ($1, $2), ($3, $4)', 'values ($1, …), …'],
    ["select array[1, 2, 3], '{1,2}'::int[]", 'select array[?, …], ?::int[]'],
    ['select a[1], b[2:3]', 'select a[?], b[?:?]'],
  ],
  'names and parameters': [
    ['select "it""s 1 \'name\'" from "My Table"', 'select "it""s 1 \'name\'" from "My Table"'],
    ['select U&"d\\0061t" from t', 'select U&"d\\0061t" from t'],
    ['select $1, x from t where a = $2', 'select $1, x from t where a = $2'],
    ['select täble.ß, 名 from t', 'select täble.ß, 名 from t'],
    ['  select\n\t a ,\r\n b ', 'select a , b'],
    ['', ''],
    [' ; ', ';'],
    ["select a::text, b->>'key', c @> '{}', d ? 'k', e ?| array['x']", 'select a::text, b->>?, c @> ?, d ? ?, e ?| array[?]'],
    ["select interval '1 day', date '2020-01-01', true, null", 'select interval ?, date ?, true, null'],
    ["copy t from stdin; select 'x'; select 2", 'copy t from stdin; select ?; select ?'],
  ],
  'values without quotes': [
    ['where id = 9f8e7d6c and x = 12secret', 'where id = ? and x = ?'],
    ['where id = 550e8400-e29b-41d4-a716-446655440000 and a = b', 'where id = ? and a = b'],
    ['where id = e50e8400-e29b-41d4-a716-446655440000', 'where id = ?'],
    ['where email = bob.secret@mail.example.com', 'where email = ?'],
    ['where email = "secret@example.com"', 'where email = "0"'],
    ['select a @ b, c <@ d.e, @ f', 'select a @ b, c <@ d.e, @ f'],
    ['where j = {"email": "secret"}', 'where j = ?'],
    ['\\set x secret', '?'],
    [`where token = ${'a'.repeat(64)} or "${'b'.repeat(70)}" = 1`, 'where token = ? or ? = ?'],
    [`select ${'a'.repeat(63)}, "${'b'.repeat(63)}"`, `select ${'a'.repeat(63)}, "${'b'.repeat(63)}"`],
    ['set app.token = secret', 'set app.token = ?'],
    ['SET LOCAL "app".token TO secret, x; select a', 'SET LOCAL "app".token TO ?; select a'],
    ['alter role bob set app.token = secret', 'alter role bob set app.token = ?'],
    ['set search_path to a, b', 'set search_path to a, b'],
    ['alter role bob with login password secret valid until x', 'alter role bob with login password ? valid until x'],
    ['create user bob password null', 'create user bob password null'],
    ['select password from users', 'select password from users'],
    ['select 1; set app.x = secret; begin; set local app.y to secret', 'select ?; set app.x = ?; begin; set local app.y to ?'],
    ['alter system set app.x = secret', 'alter system set app.x = ?'],
    ['create function f() returns int set app.x = secret as $$ select 1 $$', 'create function f() returns int set app.x = ?'],
    ['update t set a = b', 'update t set a = b'],
    ["create role a password 'x'; create role b password secret", 'create role a password ?; create role b password ?'],
    ['select $6 as a, $65535 as b, $86753090 as c', 'select $6 as a, $65535 as b, ? as c'],
    ['postgres://bob:secret@localhost/shop', 'postgres://?/shop'],
    ["select 'http://x', 'bob@secret', a", 'select ?, …, a'],
    ["select 'x://a', b, '@' from t", 'select ?, b, ? from t'],
    ['host=h user=bob password=secret dbname=shop', 'host=h user=bob password=? dbname=shop'],
    ['set password=crypt($1) where password=$2 or (password= a)', 'set password=crypt($1) where password=$2 or (password= a)'],
    ['where a = ‘secret’ and b', 'where a = ?'],
    ['where a = `secret`', 'where a = ?'],
    ['select \0secret', 'select ?'],
  ],
  'rows behind a copy': [
    ['copy t from stdin;\nsecret\t1\n\\.\n', 'copy t from stdin; ?'],
    ['COPY t (a) FROM STDIN WITH (FORMAT csv);\r\nsecret,1\r\n', 'COPY t (a) FROM STDIN WITH (FORMAT csv); ?'],
    ['copy t from stdin\nsecret', 'copy t from stdin ?'],
    ['copy t from stdin', 'copy t from stdin'],
    ['copy t from stdin\n  with (format csv)\n', 'copy t from stdin with (format csv)'],
    ['copy t from stdin;\n', 'copy t from stdin;'],
    ["select 'copy t from stdin;\nit''s', 'secret'", 'select ?'],
  ],
  'commands with values': [
    ["set app.user = 'secret'", 'set app.user = ?'],
    ["notify channel, 'secret'", 'notify channel, ?'],
    ["alter role bob password 'secret'", 'alter role bob password ?'],
    ["prepare p (text) as select $1 || 'secret'", 'prepare p (text) as select $1 || ?'],
    ["execute p ('secret', 1)", 'execute p (?, …)'],
    ["comment on table t is 'secret'", 'comment on table t is ?'],
    ["create user mapping for u server s options (password 'secret')", 'create user mapping for u server s options (password ?)'],
    ["copy t from program 'cat /secret'", 'copy t from program ?'],
    ["select data #>> '{a,secret}', data ->> 'secret', data @? '$.secret'", 'select data #>> ?, data ->> ?, data @? ?'],
  ],
  'other settings of the server': [
    // standard_conforming_strings may be off: then the string goes on.
    ["select 'it\\'s secret', x", 'select ?'],
    ["select 'a\\\\', x", 'select ?, x'],
    ["like $1 escape '\\' and a = b", 'like $1 escape ? and a = b'],
    // Lines may end with a carriage return alone.
    ["-- it's\rselect 'a -- b\rsecret'", 'select ?'],
  ],
  'broken statements': [
    ["select 'secret", 'select ?'],
    ["select E'secret\\", 'select ?'],
    ["select E'secret\\'", 'select ?'],
    ['select $$secret', 'select ?'],
    ['select $a$secret$b$', 'select ?'],
    ['select /* secret', 'select'],
    ['select /* a /* secret */', 'select'],
    ['select -- secret', 'select'],
    ["select x'secret", 'select ?'],
    ['select "a, \'secret\'', 'select ?'],
    ['select "a""b, \'secret\'', 'select ?'],
    ['select u&"a, \'secret\'', 'select ?'],
    // Texts with a quote in them, put into a statement as they are.
    ["where name = 'O'secret'", 'where name = ?'],
    ["where name = 'O' secret' and a = 'b'", 'where name = ?'],
    ["values ('a', 'it's secret', 'b')", 'values (?'],
    ["values ('it's secret', 'she's secret')", 'values (?'],
    ["where a='x'or b='y'order by c", 'where a=?or b=?order by c'],
  ],
};

for (const [what, cases] of Object.entries(CASES)) {
  test(what, (t) => {
    for (const [sql, normalised] of cases) t.is(normaliseSql(sql), normalised, sql);
  });
}

test('lists of any length are the same statement', (t) => {
  const texts = new Set<string>();
  for (const length of [2, 3, 10, 1000]) {
    const numbers = Array.from({ length }, (_, index) => index);
    texts.add(normaliseSql(`insert into t values ${numbers.map((n) => `(${n}, 'x${n}')`).join(', ')}`));
    texts.add(normaliseSql(`insert into t values ${numbers.map((n) => `(${n},\n'x${n}', ${n}.5)`).join(',')}`));
  }
  t.deepEqual([...texts], ['insert into t values (?, …), …']);
});

test('long statements are cut, and megabytes take no time', (t) => {
  const long = normaliseSql(`select ${Array.from({ length: 3000 }, (_, i) => `column_${i} + a`).join(', ')} from t`);
  t.true(long.length < 4100 && long.endsWith(' …'), String(long.length));
  for (const word of ['a', '@', 'a@', "'", '$a', '/*', '\\\\']) t.true(normaliseSql(`select ${word.repeat(40_000)} @`).length < 4100);
  const megabytes = `insert into t values ${"('secret', 1), ".repeat(1_000_000)}('secret', 1)`;
  t.notRegex(normaliseSql(megabytes), /secret/);
});

test('what is normalised stays as it is', (t) => {
  for (const [, normalised] of Object.values(CASES).flat()) t.is(normaliseSql(normalised), normalised);
});

const SECRET = 'canary';
/** Literals with a secret in them, and what may stand around them. A literal is made whole or broken off. */
const LITERALS: ((random: Random) => string)[] = [
  () => `'${SECRET}'`,
  () => `'x''${SECRET}'''`,
  () => `'\\${SECRET}'`,
  () => `E'\\'${SECRET}\\\\'`,
  () => `e'${SECRET}''\\'${SECRET}'`,
  () => `N'${SECRET}'`,
  () => `U&'${SECRET}\\0041'`,
  () => `$$${SECRET}'$$`,
  () => `$a$ $$ ${SECRET} $b$ $a$`,
  () => `$_x1$'${SECRET}$_x$$_x1$`,
  () => `/* ${SECRET} /* '${SECRET} */ ${SECRET} */`,
  () => `-- ${SECRET} ' $$ /*\n`,
  (random) => `'${random.pick(['"', '--', '/*', '$$', '\n', ' '])}${SECRET}'`,
];
const AROUND = [' ', '\n', ',', '(', ')', ' select ', ' e', ' E ', '"name"', '"it""s"', '$1', '::text', ' a$b ', '1.5e3', '||', '-', '/', '*', '[', ']', ';', ' u&"x" ', '.', '?'];

for (const seed of [21, 22, 23]) {
  test(`random statements never tell a literal (${seed})`, (t) => {
    const random = new Random(seed);
    const told: string[] = [];
    for (let i = 0; i < 20_000; i++) {
      const parts = Array.from({ length: 1 + random.below(8) }, () => {
        const literal = random.pick(LITERALS)(random);
        // Apart, as a name before a literal would be a part of it (a$$…$$ is a name), and two strings would be one.
        return ` ${literal} ${random.pick(AROUND)}`;
      });
      let sql = parts.join('');
      // Broken off anywhere: what began as a literal is one to the end.
      if (random.chance(0.3)) sql = sql.slice(0, random.below(sql.length));
      if (normaliseSql(sql).toLowerCase().includes(SECRET)) told.push(sql);
    }
    t.deepEqual(told.slice(0, 3), []);
  });
}
