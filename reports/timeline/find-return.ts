/** A string, a template, a comment, or a word or sign. Regular expressions are not told from divisions: where one holds a bracket, nothing is found. */
const TOKEN = /\/\/[^\n]*|\/\*[^]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[^]|[^`\\])*`|=>|[\w$]+|[^\s\w$]/g;
const OPENS = new Set(['(', '[', '{']);
const CLOSES = new Set([')', ']', '}']);

interface Token {
  text: string;
  at: number;
}

/**
 * The line of the only value that a function returns. `line` and `column` (from 1) are where V8 says that it begins: at the
 * bracket before its parameters, or a little before. Null: several returns, none, or source that is not understood.
 */
export function findReturn(source: string, line: number, column: number): number | null {
  const start = offsetOf(source, line, column);
  if (start === null) return null;
  const tokens = [...source.slice(start, start + 20_000).matchAll(TOKEN)].map((match): Token => ({ text: match[0], at: start + match.index })).filter(({ text }) => !text.startsWith('//') && !text.startsWith('/*'));
  const open = tokens.findIndex(({ text }) => text === '(' || text === '=>');
  const afterParameters = tokens[open]?.text === '(' ? closeOf(tokens, open) : open - 1;
  if (open < 0 || afterParameters === null) return null;
  const begin = findBody(tokens, afterParameters + 1);
  if (begin === null) return null;
  const isArrow = tokens[begin]?.text === '=>';
  if (isArrow && tokens[begin + 1]?.text !== '{') return lineAt(source, tokens[begin + 1]?.at);
  const from = isArrow ? begin + 1 : begin;
  const until = closeOf(tokens, from);
  if (until === null) return null;
  const returns = returnsWithin(tokens.slice(from + 1, until));
  return returns.length === 1 ? lineAt(source, returns[0]?.at) : null;
}

/** The arrow, or the body's bracket: what stands before is the type of the result. */
function findBody(tokens: readonly Token[], from: number): number | null {
  let angles = 0;
  for (let index = from; index < tokens.length; index += 1) {
    const { text } = tokens[index] as Token;
    if (text === '=>' && angles === 0) return index;
    if (text === '<') angles += 1;
    else if (text === '>') angles -= 1;
    else if (text === '{') {
      if (angles === 0 && !TYPE_SIGNS.has(tokens[index - 1]?.text ?? '')) return index;
      const close = closeOf(tokens, index);
      if (close === null) return null;
      index = close;
    }
  }
  return null;
}

const TYPE_SIGNS = new Set([':', '|', '&']);

/** Those of the function itself, with a value: not of the functions in it. */
function returnsWithin(tokens: readonly Token[]): Token[] {
  const found: Token[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const { text } = tokens[index] as Token;
    const isInner = text === '{' && isFunctionBody(tokens, index);
    if (isInner) index = closeOf(tokens, index) ?? tokens.length;
    else if (text === 'return' && tokens[index + 1]?.text !== ';' && tokens[index - 1]?.text !== '.') found.push(tokens[index] as Token);
  }
  return found;
}

const BLOCKS = new Set(['if', 'for', 'while', 'switch', 'with', 'catch', 'await']);

/** `=> {`, or `name(…) {` of what is no statement. */
function isFunctionBody(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]?.text;
  if (before === '=>') return true;
  if (before !== ')') return false;
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const { text } = tokens[at] as Token;
    if (text === ')') depth += 1;
    else if (text === '(' && --depth === 0) return !BLOCKS.has(tokens[at - 1]?.text ?? '');
  }
  return false;
}

function closeOf(tokens: readonly Token[], open: number): number | null {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    const { text } = tokens[index] as Token;
    if (OPENS.has(text)) depth += 1;
    else if (CLOSES.has(text) && --depth === 0) return index;
  }
  return null;
}

function offsetOf(source: string, line: number, column: number): number | null {
  let at = 0;
  for (let left = line - 1; left > 0; left -= 1) {
    at = source.indexOf('\n', at) + 1;
    if (at === 0) return null;
  }
  return at + column - 1;
}

function lineAt(source: string, offset: number | undefined): number | null {
  return offset === undefined ? null : source.slice(0, offset).split('\n').length;
}
