import { joinLines } from '../code-words.js';
import type { WriteCode } from '../examples.js';

export const codeLeak: WriteCode = ({ statements }) => {
  const query = `const { rows } = await client.query(${statements[0] ?? "'…'"});`;
  return {
    before: joinLines('const client = await pool.connect();', query, "if (rows.length === 0) return null; // never released", 'client.release();', 'return rows[0];'),
    after: joinLines('const client = await pool.connect();', 'try {', `  ${query}`, '  if (rows.length === 0) return null;', '  return rows[0];', '} finally {', '  client.release(); // on every way out', '}'),
  };
};
