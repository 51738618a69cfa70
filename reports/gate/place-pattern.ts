import picomatch from 'picomatch';
import type { CallSite, Stack } from '../model.js';

/** Globs for a place; a frame has to fit both. */
export interface PlacePattern {
  file?: string | undefined;
  function?: string | undefined;
}

export type MatchStack = (stack: Stack | null) => boolean;

/**
 * Whether any application frame of a stack fits: so a route is a pattern, too, for all that it calls.
 * @param otherName of a file, by which it may be meant as well.
 */
export function compilePattern({ file, function: name }: PlacePattern, otherName: (file: string) => string = (own) => own): MatchStack {
  // "./src" and "src" are the same; `dot`, as a folder such as .build is as good as any.
  const fitsFile = file === undefined ? () => true : picomatch(file.replace(/^\.\//, ''), { dot: true });
  const fitsName = name === undefined ? () => true : picomatch(name, { dot: true });
  const fits = (frame: CallSite): boolean => (fitsFile(frame.file.replaceAll('\\', '/')) || fitsFile(otherName(frame.file))) && fitsName(frame.function);
  // Stacks are shared by all that happened there.
  const known = new Map<Stack, boolean>();
  return (stack) => {
    if (stack === null) return false;
    let fit = known.get(stack);
    if (fit === undefined) known.set(stack, (fit = stack.frames.some(fits)));
    return fit;
  };
}

/** "src/jobs/**", "place* in src/orders.ts". */
export function sayPattern({ file, function: name }: PlacePattern): string {
  if (name === undefined) return file ?? '';
  return file === undefined ? `the function ${name}` : `${name} in ${file}`;
}
