/**
 * The preload: `node --import pg-lifeguard/register app.js`. Records this thread if it uses pg.
 * LIFEGUARD=off turns it into nothing; LIFEGUARD_DIR says where traces go.
 */
import { recordThread } from './session.js';

if (process.env['LIFEGUARD'] !== 'off') recordThread();
