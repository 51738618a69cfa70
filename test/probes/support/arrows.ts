/**
 * Programs that say themselves what is to be found in their trace. A comment `← timer "20 ms"` is a wait of the transaction
 * of this case (of another one with `[name]`), that was started on this line; `← foreign timer` one that others started and
 * that is waited for on this line; ×3 stands for three of them, ×+ for some.
 */
import { placeOf, type Hold, type HoldWait } from './holds.js';

const CASE = /^ {2}(?:(['"])(?<quoted>.+?)\1|(?<plain>\w+)): /;
const ARROW = /← (?<what>(?:foreign )?[a-z-]+(?: "[^"]*")?)(?: ×(?<times>\d+|\+))?(?: \[(?<name>[^\]]+)\])?/g;

export interface Expected {
  /** The transaction. */
  name: string;
  /** The case that it is a part of. */
  from: string;
  /** In the order of the lines: `12: timer "20 ms"`. */
  waits: string[];
}

export interface Arrows {
  /** All cases of the program, as they can be named on its command line. */
  cases: string[];
  expected: Expected[];
}

export function readArrows(source: string): Arrows {
  const cases: string[] = [];
  const expected = new Map<string, Expected>();
  const add = (name: string, ...waits: string[]): void => {
    const before = expected.get(name);
    expected.set(name, { name, from: before?.from ?? cases.at(-1) ?? '', waits: [...(before?.waits ?? []), ...waits] });
  };
  for (const [index, line] of source.split('\n').entries()) {
    const { quoted, plain } = CASE.exec(line)?.groups ?? {};
    const started = quoted ?? plain;
    if (started !== undefined) cases.push(started);
    if (started !== undefined && !started.endsWith(':')) add(started);
    for (const { groups } of line.matchAll(ARROW)) {
      const { what = '', times = '1', name = cases.at(-1) ?? '' } = groups ?? {};
      const said = `${index + 1}: ${what}`;
      add(name, ...(times === '+' ? [`${said} ×+`] : Array.from({ length: Number(times) }, () => said)));
    }
  }
  return { cases, expected: [...expected.values()] };
}

/** The same of what was recorded. `expected` says for which lines any number will do. */
export function describeWaits({ gaps }: Hold, expected: readonly string[] = []): string[] {
  const said = gaps.flatMap(({ waits }) => waits).map(describeWait);
  const folded = said.map((wait) => (expected.includes(`${wait} ×+`) ? `${wait} ×+` : wait));
  return folded
    .filter((wait, index) => !wait.endsWith('×+') || folded.indexOf(wait) === index)
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

function describeWait({ kind, detail, foreign, started, awaited }: HoldWait): string {
  const place = placeOf(foreign === true ? awaited : started);
  // The servers of the programs have ports of their own.
  const name = detail === undefined ? '' : ` "${detail.replace(/:\d+/, ':port').replaceAll('"', "'")}"`;
  return `${place?.line ?? 'nowhere'}: ${foreign === true ? 'foreign ' : ''}${kind}${name}`;
}
