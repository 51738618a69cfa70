import type { WriteCode } from '../examples.js';
import { codeNested } from './nested-checkout.js';

/** What closes the circle is a nested checkout. */
export const codeDeadlock: WriteCode = (words) => codeNested(words);
