import type { WriteCode } from '../examples.js';

export const codeNoTimeout: WriteCode = () => ({ before: 'const pool = new Pool({ max: 10 }); // waits for ever', after: 'const pool = new Pool({ max: 10, connectionTimeoutMillis: 5_000 });' });
