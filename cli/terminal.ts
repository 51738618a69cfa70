/** What the user's terminal can show, and writing to it. */

import { showControls } from '../reports/renderers/terminal-text.js';
import { onOneLine } from '../reports/words.js';

/** How a text for stdout may look. */
export interface Terminal {
  color: boolean;
  /** Columns. */
  width: number;
}

/** @param color what `--color` or `--no-color` said; undefined when neither was given. */
export function describeTerminal(color: boolean | undefined): Terminal {
  // A terminal that does not know its size says 0.
  const width = process.stdout.columns || Number(process.env['COLUMNS']) || 80;
  return { color: color ?? wantsColor(process.stdout.isTTY), width: Math.max(40, width) };
}

function wantsColor(isTerminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}

/** Writes machine output or a report, and waits until it has left: a pipe may be slower than we are. */
export async function writeOut(text: string): Promise<void> {
  // A failure comes as an event, too, and is judged there.
  await new Promise<void>((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

/** Everything that is not machine output. */
export function say(line: string): void {
  process.stderr.write(`lifeguard: ${showControls(onOneLine(line), false)}\n`);
}

/** `lifeguard report x | head` closes the pipe early; that is no error, and the verdict stays what it is. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
