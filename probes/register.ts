/**
 * The preload: `node --import pg-lifeguard/register app.js`. Records this thread if it uses pg.
 * LIFEGUARD=off turns it into nothing; LIFEGUARD_DIR says where traces go, LIFEGUARD_KEEP how much of them is kept (10m, 500MB).
 */
import { recordThread } from './session.js';

if (process.env['LIFEGUARD'] !== 'off') recordThread();
