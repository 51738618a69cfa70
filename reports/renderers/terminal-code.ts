import type { ChalkInstance } from 'chalk';
import { diffCode } from '../advice/code-diff.js';
import type { CodeExample } from '../advice/examples.js';
import { clip, wrap } from './wrap.js';

/** What to change, as a patch of the outline: what goes, what comes, what stays. */
export function drawCode(code: CodeExample, columns: number, paint: ChalkInstance): string[] {
  const words = code.via === '' ? '' : ` (in the words of pg: ${code.via} has its own for it)`;
  const lines = diffCode(code).filter(({ before, after }) => (before ?? after)?.trim() !== '');
  return [
    ...wrap(`In outline${words}:`, columns),
    ...lines.flatMap(({ before, after }) => {
      const [mark, text, color] = after === null ? ['-', before ?? '', paint.red] : before === null ? ['+', after, paint.green] : [' ', after, paint.dim];
      return fitLine(text, columns - 2).map((line) => color(clip(`${mark} ${line}`, columns)));
    }),
  ];
}

/** A comment that would be cut goes before its line. */
function fitLine(text: string, columns: number): string[] {
  const [, indent = '', code = '', comment = ''] = /^(\s*)(.*?\S)\s*(\/\/ .*)$/.exec(text) ?? [];
  return text.length <= columns || comment === '' ? [text] : [indent + comment, indent + code];
}
