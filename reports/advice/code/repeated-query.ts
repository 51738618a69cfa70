import { joinLines } from '../code-words.js';
import type { WriteCode } from '../examples.js';

export const codeRepeated: WriteCode = ({ statements, facts }) => {
  const text = statements[0] ?? "'select …'";
  const times = typeof facts['timesMax'] === 'number' ? facts['timesMax'] : 'many';
  if (/^'\s*(?:insert|update|delete|merge)/i.test(text)) {
    return {
      before: joinLines('for (const row of rows) {', `  await client.query(${text}, row); // ${times} round trips`, '}'),
      after: joinLines('await client.query( // one', '  `insert into … select * from unnest($1::int[], $2::text[])`,', '  [rows.map((row) => row.id), rows.map((row) => row.name)],', ');'),
    };
  }
  return {
    before: joinLines('for (const row of rows) {', `  await client.query(${text}, [row.id]); // ${times} round trips`, '}'),
    after: joinLines('const ids = rows.map((row) => row.id);', 'await client.query(`select … where id = any($1)`, [ids]); // one'),
  };
};
