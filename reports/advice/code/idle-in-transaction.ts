import { joinLines, sendAll } from '../code-words.js';
import type { WriteCode } from '../examples.js';

export const codeIdle: WriteCode = ({ statements }) => {
  const [first, ...rest] = sendAll(statements);
  return {
    before: joinLines("await client.query('BEGIN');", first ?? [], 'const rows = prepare(input); // the transaction is open', rest, "await client.query('COMMIT');"),
    after: joinLines('const rows = prepare(input); // before BEGIN', "await client.query('BEGIN');", first ?? [], rest, "await client.query('COMMIT');"),
  };
};
