/** Which renderings go where. */
import { basename, resolve } from 'node:path';
import type { InferredOptionTypes, Options } from 'yargs';
import { ToolError } from '../errors.js';
import { didYouMean } from '../suggest.js';
import { LINK_OPTIONS } from './links.js';

export const FORMATS = ['terminal', 'html', 'json', 'junit', 'sarif', 'github'] as const;
export type Format = (typeof FORMATS)[number];

export const REPORT_OPTIONS = {
  format: { type: 'array', string: true, requiresArg: true, describe: `${FORMATS.join(', ')} (repeatable)`, defaultDescription: 'terminal' },
  output: { type: 'array', string: true, requiresArg: true, describe: 'File for a report; its name says the format: .html, .json, .sarif, .xml (JUnit), .txt (repeatable)', defaultDescription: 'stdout, for html by the traces' },
  open: { type: 'boolean', describe: 'Open the HTML report in the browser' },
  ...LINK_OPTIONS,
} as const satisfies Record<string, Options>;

/** One rendering. `file` null: stdout. */
export interface Target {
  format: Format;
  file: string | null;
}

interface Wishes {
  /** Directory of the traces, where the HTML report goes if nobody said otherwise. */
  beside: string;
  /** Formats that are made in any case. */
  always?: readonly Format[];
  /** What goes to stdout when no format was asked for: nothing if-no-output: only without --output. */
  byDefault: 'terminal' | 'terminal-without-output' | 'nothing';
}

const HTML_NAME = 'lifeguard-report.html';

/** What a file of this name may hold, the likeliest first. */
const BY_NAME: [ending: RegExp, formats: readonly Format[]][] = [
  [/\.sarif(\.json)?$/i, ['sarif']],
  [/\.json$/i, ['json', 'sarif']],
  [/\.xml$/i, ['junit']],
  [/\.html?$/i, ['html']],
  [/\.(txt|log)$/i, ['terminal', 'github']],
];

/** These may share stdout: one is for people, the other is made of lines that the runner takes out of it. */
const SHARE_STDOUT: readonly Format[] = ['terminal', 'github'];

/** @throws ToolError for a format that does not exist, a file whose name says none, or two for the same place. */
export function readTargets(args: Pick<InferredOptionTypes<typeof REPORT_OPTIONS>, 'format' | 'output' | 'open'>, { beside, always = [], byDefault }: Wishes): Target[] {
  const outputs = args.output ?? [];
  const asked = [...new Set(args.format?.flatMap((text) => text.split(',')).map(readFormat))];
  const files = outputs.filter((output) => output !== '-');
  const written = assign(files, asked);
  const rest = asked.filter((format) => !written.some((target) => target.format === format));
  const usual: Format[] = asked.length > 0 || byDefault === 'nothing' || (byDefault === 'terminal-without-output' && files.length > 0) ? [] : ['terminal'];
  const added = [...usual, ...(args.open ? ['html' as const] : []), ...always];
  const others = [...new Set([...rest, ...added.filter((format) => rest.includes(format) || !written.some((target) => target.format === format))])];
  const targets = [...written, ...others.map((format): Target => ({ format, file: format === 'html' && !outputs.includes('-') ? resolve(beside, HTML_NAME) : null }))];
  const [first, second] = targets.filter(({ file, format }) => file === null && !(SHARE_STDOUT.includes(format) && onlySharing(targets)));
  if (first !== undefined && second !== undefined) {
    throw new ToolError(`${first.format} and ${second.format} cannot both go to stdout, write one into a file with --output FILE.${ENDINGS[second.format]}`);
  }
  return targets;
}

const ENDINGS: Record<Format, string> = { terminal: 'txt', html: 'html', json: 'json', junit: 'xml', sarif: 'sarif', github: 'txt' };

function onlySharing(targets: readonly Target[]): boolean {
  return targets.every(({ file, format }) => file !== null || SHARE_STDOUT.includes(format));
}

/** A file gets the format that was asked for and that its name allows, else the one that its name speaks of. */
function assign(files: readonly string[], asked: readonly Format[]): Target[] {
  const targets: Target[] = [];
  for (const file of files) {
    const possible = BY_NAME.find(([ending]) => ending.test(basename(file)))?.[1];
    const free = asked.filter((format) => !targets.some((target) => target.format === format));
    const format = free.find((wanted) => possible === undefined || possible.includes(wanted)) ?? possible?.[0];
    if (format === undefined) throw new ToolError(`--output is ${JSON.stringify(file)}, a name that says no format, expected one that ends in .html, .json, .sarif, .xml or .txt, or a --format for it`);
    const twin = targets.find((target) => target.file === resolve(file));
    if (twin !== undefined) throw new ToolError(`--output ${file} was given twice`);
    targets.push({ format, file: resolve(file) });
  }
  return targets;
}

function readFormat(text: string): Format {
  const format = FORMATS.find((name) => name === text.trim());
  if (format === undefined) throw new ToolError(`--format is ${JSON.stringify(text)}, expected one of ${FORMATS.join(', ')}${didYouMean(text, FORMATS)}`);
  return format;
}
