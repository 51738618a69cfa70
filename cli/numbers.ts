/** Options that are numbers: read strictly, as "1O" for 10 is a slip and no number. */
import { ToolError } from './errors.js';

function numeric(name: string, expected: string, accepts: (value: number) => boolean) {
  const coerce = (given: unknown): number => {
    // Given twice, the last one counts.
    const text = String(Array.isArray(given) ? given.at(-1) : given);
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!accepts(value)) throw new ToolError(`--${name} is ${JSON.stringify(text)}, expected ${expected}`);
    return value;
  };
  return { type: 'string', requiresArg: true, coerce } as const;
}

/** Timers know no longer time, in seconds. */
const MOST = 2_000_000;

/** A number above 0, fractions allowed. */
export function numberOption(name: string) {
  return numeric(name, `a number above 0, at most ${MOST}`, (value) => value > 0 && value <= MOST);
}

/** A whole number from 1. */
export function wholeOption(name: string) {
  return numeric(name, 'a whole number from 1', (value) => Number.isSafeInteger(value) && value >= 1);
}
