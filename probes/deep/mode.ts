/**
 * The deep mode (`--deep`): clinic's async_hooks trace is taken beside ours, by a preload of its own (collect.ts). All that
 * the probe does for it is to note the numbers by which the two can be joined.
 */
import { isMainThread } from 'node:worker_threads';

/** Says where that trace goes; set by the command that records. */
export const DEEP_VARIABLE = 'LIFEGUARD_DEEP';

/** Of this thread. */
export function isDeep(): boolean {
  return isMainThread && (process.env[DEEP_VARIABLE] ?? '') !== '';
}
