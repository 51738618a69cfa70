import type { Checkout } from '../model.js';
import { siteOf } from './locate.js';

/**
 * Whether the program gave one statement to a pool, rather than take a connection itself: with `pool.query`, or through a
 * library that took one, sent the statement and gave it back, all within one call of the application's.
 */
export function isPoolStatement({ via, stack, queries }: Checkout): boolean {
  if (via === 'query') return true;
  const [only, ...others] = queries;
  if (via !== 'connect' || only === undefined || others.length > 0 || !stack?.via) return false;
  const [asked, sent] = [siteOf(stack), siteOf(only.stack)];
  return asked === null || sent === null || (asked.file === sent.file && asked.line === sent.line);
}
