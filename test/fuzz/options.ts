import { parseArgs } from 'node:util';

export interface Options {
  /** null: any. */
  seed: number | null;
  runs: number;
  /** Files of traces to be damaged, besides those that are made. */
  files: string[];
}

/** @throws Error that says what is allowed. */
export function parseOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { seed: { type: 'string' }, runs: { type: 'string', default: '2000' } } });
  const read = (name: string, text: string): number => {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} ${text}: expected a whole number above 0`);
    return number;
  };
  return { seed: values.seed === undefined ? null : read('seed', values.seed), runs: read('runs', values.runs), files: positionals };
}
