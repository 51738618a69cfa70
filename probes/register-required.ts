/** The same preload for `node --require`, which cannot wait for an import: turned off, it is read all the same, and does nothing. */
import { recordThread } from './session.js';

if (process.env['LIFEGUARD'] !== 'off') recordThread();
