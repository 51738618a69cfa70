import type { WriteCode } from '../examples.js';

/** The finding of the line that holds the connections has the code; only two causes are the pool's own. */
export const codeStarvation: WriteCode = ({ facts }) =>
  facts['cause'] === 'connecting'
    ? { before: 'const pool = new Pool({ max: 10 }); // opens when asked', after: 'const pool = new Pool({ max: 10, min: 5, idleTimeoutMillis: 60_000 });\nawait Promise.all(Array.from({ length: 5 }, () => pool.query(\'select 1\')));' }
    : null;
