import { joinLines } from '../code-words.js';
import type { WriteCode } from '../examples.js';

/** What asks the pool again, with the connection that is there already. */
export const codeNested: WriteCode = ({ name, call, statements }) => {
  const inner = name === 'work' ? 'loadMore' : name;
  const asksPool = call !== null && /^[\w$.]+\.query\(/.test(call);
  const text = asksPool ? call.slice(call.indexOf('(') + 1, -1) : (statements[0] ?? "'select …'");
  return {
    before: joinLines('const client = await pool.connect();', `await ${inner}(id);`, '', `async function ${inner}(id) {`, `  return pool.query(${text}); // a second one`, '}'),
    after: joinLines('const client = await pool.connect();', `await ${inner}(id, client);`, '', `async function ${inner}(id, db = pool) {`, `  return db.query(${text}); // the same one`, '}'),
  };
};
