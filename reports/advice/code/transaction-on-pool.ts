import { joinLines, sendAll } from '../code-words.js';
import type { WriteCode } from '../examples.js';

export const codeOnPool: WriteCode = ({ statements }) => {
  const [onPool = ''] = sendAll(statements, 1, 'pool');
  const [onClient = ''] = sendAll(statements, 1);
  return {
    before: joinLines("await pool.query('BEGIN');", onPool, "await pool.query('COMMIT');"),
    after: joinLines('const client = await pool.connect();', 'try {', "  await client.query('BEGIN');", `  ${onClient}`, "  await client.query('COMMIT');", '} catch (error) {', "  await client.query('ROLLBACK');", '  throw error;', '} finally {', '  client.release();', '}'),
  };
};
