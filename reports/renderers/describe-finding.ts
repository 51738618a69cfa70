import { callersOf } from '../callers.js';
import type { Finding } from '../model.js';
import { sayCount, sayMs, sayPlace, sayStatement } from '../words.js';

/** A finding in plain lines, for formats that have room for text: what, from where, how much, what to do. */
export function describeFinding({ title, callSite, frames, via, count, totalMs, maxMs, evidence, advice, fingerprint }: Finding): string[] {
  const name = (of: string): string => (of === '' ? '' : ` in ${of}`);
  return [
    title,
    ...(callSite === null ? [] : [`at ${sayPlace(callSite)}${name(callSite.function)}`]),
    ...callersOf(frames).map((frame) => `called at ${sayPlace(frame)}${name(frame.function)}`),
    ...(via === null ? [] : [`inside ${via.package} ${via.version} (${via.file}:${via.line})`]),
    count === 1 ? `once, for ${sayMs(maxMs)}` : `${sayCount(count)} times, ${sayMs(totalMs)} in total, ${sayMs(maxMs)} at most`,
    ...evidence.statements.slice(0, 2).map((statement) => `next to: ${sayStatement(statement, 200)}`),
    advice,
    `fingerprint ${fingerprint}`,
  ];
}
