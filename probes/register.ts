/**
 * The preload: `node --import pg-lifeguard/register app.js`. Records this thread if it uses pg.
 * LIFEGUARD=off turns it into nothing; LIFEGUARD_DIR says where traces go, LIFEGUARD_KEEP how much of them is kept (10m, 500MB).
 */

// Turned off, nothing of the probe is even read. What is imported here instead would be, whatever is asked later.
if (process.env['LIFEGUARD'] !== 'off') (await import('./session.js')).recordThread();
