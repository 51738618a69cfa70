/** The smallest program that uses pg: loads it, says so, ends. */
import { createRequire } from 'node:module';

createRequire(import.meta.url)('pg');
console.log('up');
