import { joinLines, sendAll } from '../code-words.js';
import type { WriteCode } from '../examples.js';

/** The same lines in another order. */
export const codeAwait: WriteCode = ({ call, keeps, name, statements, facts }) => {
  const line = `${keeps}await ${call ?? `${name === 'work' ? 'somethingElse' : name}(…)`};`;
  const [first, ...rest] = sendAll(statements);
  const what = typeof facts['awaited'] === 'string' && facts['awaited'] !== '' && facts['awaited'].length < 40 ? facts['awaited'] : 'it';
  return {
    before: joinLines("const client = await pool.connect();", "await client.query('BEGIN');", first ?? [], `${line} // all wait for ${what}`, rest, "await client.query('COMMIT');", 'client.release();'),
    after: joinLines(`${line} // nobody does`, '', 'const client = await pool.connect();', "await client.query('BEGIN');", first ?? [], rest, "await client.query('COMMIT');", 'client.release();'),
  };
};
