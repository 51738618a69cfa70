/**
 * What ran before a call, from its source. A thread that was in native code is sampled on entering the next function: the
 * line that is known is that of the call of this one. Nothing but native code ran in between, so the call before it is meant.
 */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Position {
  line: number;
  column: number;
}

const LARGEST_FILE = 2_000_000;
/** How far to look back, in characters. */
const FARTHEST = 4000;
const NO_CALLS = new Set(['await', 'catch', 'for', 'function', 'if', 'in', 'of', 'return', 'switch', 'throw', 'typeof', 'void', 'while', 'with', 'yield']);

/** The same of a file's path or URL; null where it cannot be read, or has no such call. */
export function findCallBefore(file: string, at: Position): Position | null {
  try {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file;
    return statSync(path).size > LARGEST_FILE ? null : callBefore(readFileSync(path, 'utf8'), at);
  } catch {
    return null;
  }
}

/**
 * @param at line and column, from 1, of a call.
 * @returns those of the name of the call that ended right before this one began: of its arguments, else before it in the
 * same function; null for none.
 */
export function callBefore(source: string, { line, column }: Position): Position | null {
  const lines = source.split('\n');
  const offset = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
  const code = withoutTexts(source);
  const open = code.indexOf('(', offset);
  const close = open < 0 ? -1 : closingOf(code, open);
  let found = close < 0 ? -1 : lastCall(code, open + 1, close);
  if (found < 0) found = lastCall(code, Math.max(0, offset - FARTHEST), offset);
  if (found < 0) return null;
  const before = source.slice(0, found).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** Where the name of the last call between two offsets starts; -1: there is none before the start of a function. */
function lastCall(code: string, from: number, to: number): number {
  for (let at = to - 1, depth = 0; at >= from; at--) {
    const character = code[at];
    if (character === '}') depth++;
    else if (character === '{' && depth > 0) depth--;
    else if (character === '{' && isFunctionHead(code.slice(from, at))) return -1;
    else if (character === ')' && depth === 0) {
      const open = openingOf(code, at, from);
      if (open < 0) return -1;
      const name = /([\w$]+)\s*(?:\?\.)?\s*$/.exec(code.slice(from, open));
      if (name?.[1] !== undefined && !NO_CALLS.has(name[1])) return from + name.index;
      // What is in a condition ran, too.
      const inside = lastCall(code, open + 1, at);
      if (inside >= 0) return inside;
      at = open;
    }
  }
  return -1;
}

function isFunctionHead(before: string): boolean {
  return /(?:=>|\bfunction\b[^{};]*|(?:^|[{};,])\s*(?:(?:async|static|get|set)\s+|\*\s*)*(?!(?:if|for|while|switch|catch|with)\b)#?[\w$]+\s*\([^{};]*\)(?:\s*:[^{};]+)?)\s*$/.test(before);
}

function closingOf(code: string, open: number): number {
  for (let at = open, depth = 0; at < code.length; at++) {
    if (code[at] === '(') depth++;
    else if (code[at] === ')' && --depth === 0) return at;
  }
  return -1;
}

function openingOf(code: string, close: number, from: number): number {
  for (let at = close, depth = 0; at >= from; at--) {
    if (code[at] === ')') depth++;
    else if (code[at] === '(' && --depth === 0) return at;
  }
  return -1;
}

/** Comments and the insides of texts become spaces. Of a template's expressions nothing is left; nobody's call is there alone. */
function withoutTexts(source: string): string {
  return source.replace(/\/\/[^\n]*|\/\*[^]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, (text) => text.replace(/[^\n]/g, ' '));
}
