import { joinLines } from '../code-words.js';
import type { WriteCode } from '../examples.js';

export const codeSerialized: WriteCode = ({ statements }) => {
  const [a = "'select …'", b = a] = statements;
  return {
    before: joinLines('await Promise.all([', `  client.query(${a}),`, `  client.query(${b}), // waits for the one above`, ']);'),
    after: joinLines('await Promise.all([', `  pool.query(${a}),`, `  pool.query(${b}), // a connection of its own`, ']);'),
  };
};
