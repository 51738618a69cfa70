import type { TraceHeader } from '../../probes/trace/events.js';

/**
 * The folder that the files of a run are named relative to: where it was started. The processes of one run may each have
 * a working directory of their own, and a file must not be called differently because another of them was first.
 */
export function cwdOf(header: TraceHeader | undefined): string {
  return header?.startedIn ?? header?.cwd ?? '';
}
