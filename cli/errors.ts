/** The one place that turns what went wrong into one line on stderr and an exit code. */

import { showControls } from '../reports/renderers/terminal-text.js';
import { onOneLine } from '../reports/words.js';

/** The contract: nothing found, findings over the limits, the tool could not do its work. And what shells expect after Ctrl-C. */
export const EXIT = { clean: 0, findings: 1, failed: 2, interrupted: 130 } as const;

/** Something that the user can act on; its message is the line that they read. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** Errors of the other folders whose messages are written for the user; by name, so that nothing of them need be loaded. */
const FOR_USERS = /^(Tool|Load|Trace|Analyse|Render|Format|Scenario|Database)Error$/;

/** The message for the user, always one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `internal error: ${onOneLine(String(error))}`;
  if (FOR_USERS.test(error.name)) return onOneLine(error.message);
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && syscall !== undefined && path !== undefined) return `${path}: ${systemReason(code)} (${syscall})`;
  return `internal error: ${onOneLine(error.message) || error.name} (again with --debug for its stack)`;
}

/** Writes the error to stderr, with its stack when debugging. */
export function reportError(error: unknown, debug: boolean): void {
  process.stderr.write(`lifeguard: ${showControls(describeError(error), false)}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack ?? error.message}\n`);
}

const SYSTEM_REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'is not a directory',
  EEXIST: 'exists already',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
};

/** A system error code in words. */
export function systemReason(code: string): string {
  return SYSTEM_REASONS[code] ?? code;
}
