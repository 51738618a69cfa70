import { joinLines } from '../code-words.js';
import type { WriteCode } from '../examples.js';

const SYNC: Record<string, string> = { pbkdf2Sync: 'pbkdf2', scryptSync: 'scrypt', readFileSync: 'readFile', execSync: 'exec', gzipSync: 'gzip' };

export const codeBlocked: WriteCode = ({ name, facts }) => {
  if (facts['placeKnown'] === false || name === 'work') return null;
  const other = SYNC[name];
  if (other !== undefined) return { before: `const result = ${name}(…);`, after: `const result = await promisify(${other})(…); // off the main thread` };
  return {
    before: joinLines('const client = await pool.connect();', `const result = ${name}(input); // nobody is served meanwhile`, 'client.release();'),
    after: joinLines(`const result = await inWorker('./${name}.js', input);`, 'const client = await pool.connect();', 'client.release();', '', 'const inWorker = (file, workerData) =>', "  once(new Worker(file, { workerData }), 'message');"),
  };
};
