import { joinLines, sendAll } from '../code-words.js';
import type { WriteCode } from '../examples.js';

/** The lock that all want is taken last. */
export const codeLong: WriteCode = ({ statements }) => {
  const [first, second] = sendAll(statements);
  return {
    before: joinLines("await client.query('BEGIN');", 'for (const item of all) {', `  ${first ?? ''}`, second === undefined ? [] : `  ${second}`, '}', "await client.query('COMMIT'); // once, at the very end"),
    after: joinLines('for (const batch of batches(all, 100)) {', "  await client.query('BEGIN');", '  for (const item of batch) {', `    ${first ?? ''}`, second === undefined ? [] : `    ${second}`, '  }', "  await client.query('COMMIT'); // locks end here", '}'),
  };
};
