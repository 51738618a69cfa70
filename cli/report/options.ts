/** Which renderings go where. */
import { extname, resolve } from 'node:path';
import type { InferredOptionTypes, Options } from 'yargs';
import { ToolError } from '../errors.js';
import { didYouMean } from '../suggest.js';

export const FORMATS = ['terminal', 'html', 'json'] as const;
export type Format = (typeof FORMATS)[number];

export const REPORT_OPTIONS = {
  format: { type: 'array', string: true, requiresArg: true, describe: `${FORMATS.join(', ')} (repeatable)`, defaultDescription: 'terminal' },
  output: { type: 'string', requiresArg: true, describe: 'File for the report', defaultDescription: 'stdout, for html by the traces' },
  open: { type: 'boolean', describe: 'Open the HTML report in the browser' },
} as const satisfies Record<string, Options>;

/** One rendering. `file` null: stdout. */
export interface Target {
  format: Format;
  file: string | null;
}

const HTML_NAME = 'lifeguard-report.html';

/**
 * @param beside directory of the traces, where the HTML report goes if nobody said otherwise.
 * @param always formats that are made in any case.
 * @throws ToolError for a format that does not exist, or two for the same place.
 */
export function readTargets(args: InferredOptionTypes<typeof REPORT_OPTIONS>, beside: string, always: readonly Format[] = []): Target[] {
  const output = args.output === undefined || args.output === '-' ? null : resolve(args.output);
  const byName = output === null ? undefined : FORMATS.find((format) => `.${format}` === extname(output));
  const asked = args.format?.flatMap((text) => text.split(',')).map(readFormat) ?? [byName ?? ('terminal' as const)];
  const formats = [...new Set([...asked, ...(args.open ? ['html' as const] : []), ...always])];
  // --output is for the format that its name speaks of, else for the first that was asked for.
  const written = output === null ? null : byName !== undefined && formats.includes(byName) ? byName : (asked[0] ?? null);
  const targets = formats.map((format): Target => {
    if (format === written) return { format, file: output };
    return { format, file: format === 'html' && args.output !== '-' ? resolve(beside, HTML_NAME) : null };
  });
  const [first, second] = targets.filter(({ file }) => file === null);
  if (first !== undefined && second !== undefined) {
    throw new ToolError(`${first.format} and ${second.format} cannot both go to stdout, write one into a file with --output FILE.${second.format}`);
  }
  return targets;
}

function readFormat(text: string): Format {
  const format = FORMATS.find((name) => name === text.trim());
  if (format === undefined) throw new ToolError(`--format is ${JSON.stringify(text)}, expected one of ${FORMATS.join(', ')}${didYouMean(text, FORMATS)}`);
  return format;
}
