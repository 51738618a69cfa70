import { joinLines, sendAll } from '../code-words.js';
import type { WriteCode } from '../examples.js';

export const codeUnfinished: WriteCode = ({ statements }) => {
  const [query = ''] = sendAll(statements, 1);
  return {
    before: joinLines('try {', "  await client.query('BEGIN');", `  ${query} // throws`, "  await client.query('COMMIT');", '} finally {', '  client.release(); // with the transaction open', '}'),
    after: joinLines('try {', "  await client.query('BEGIN');", `  ${query}`, "  await client.query('COMMIT');", '} catch (error) {', "  await client.query('ROLLBACK');", '  throw error;', '} finally {', '  client.release();', '}'),
  };
};
