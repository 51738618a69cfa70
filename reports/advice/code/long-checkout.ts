import { joinLines } from '../code-words.js';
import type { WriteCode } from '../examples.js';

export const codeLongCheckout: WriteCode = ({ call, statements }) => {
  const listens = statements.find((text) => /^'\s*listen\b/i.test(text));
  if (listens !== undefined) {
    return {
      before: joinLines('const client = await pool.connect(); // one for each listener', `await client.query(${listens});`, "client.on('notification', deliver);"),
      after: joinLines('const client = new Client(); // one for all, outside of the pool', 'await client.connect();', `await client.query(${listens});`, "client.on('notification', ({ payload }) => deliverToAll(payload));"),
    };
  }
  const query = `const { rows } = await client.query(${statements[0] ?? "'…'"});`;
  const line = `await ${call ?? 'send(rows)'};`;
  return { before: joinLines('const client = await pool.connect();', query, `${line} // still held`, 'client.release();'), after: joinLines('const client = await pool.connect();', query, 'client.release();', line) };
};
