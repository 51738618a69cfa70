import type { Analysis, CallSite, Finding } from '../model.js';
import { sayPlace, sayStatement } from '../words.js';

/** The words of a finding, as code. */
export interface CodeWords {
  /** The function at fault: "placeOrder"; "work" when it has no name. */
  name: string;
  /** The awaited call as its line has it, "fetch(url)"; null: not on that line. */
  call: string | null;
  /** What its line does with the result: "const stock = "; "" nothing. */
  keeps: string;
  /** Statements that neither open nor end a transaction, each as a call's argument: "'select …'". */
  statements: string[];
  /** Rule-specific numbers and words. */
  facts: Finding['evidence']['facts'];
}

const STEERS = /^\s*(?:begin|start\s+transaction|commit|end|rollback|abort|savepoint|release)\b/i;
const LONGEST_CALL = 64;

export function wordsOf({ callSite, evidence }: Finding, sources: Analysis['sources']): CodeWords {
  const line = callSite === null ? '' : lineOf(callSite, sources);
  const { call, keeps } = readCall(line);
  return {
    name: nameOf(callSite),
    call,
    keeps,
    statements: evidence.statements.filter((text) => !STEERS.test(text)).map((text) => `'${sayStatement(text, 48).replaceAll("'", "\\'")}'`),
    facts: evidence.facts,
  };
}

/** "Session.commit" → "commit"; "async placeOrder" → "placeOrder". */
function nameOf(site: CallSite | null): string {
  const name = /([\w$]+)$/.exec(site?.function ?? '')?.[1] ?? '';
  return name === '' || name === 'anonymous' ? 'work' : name;
}

function lineOf(site: CallSite, sources: Analysis['sources']): string {
  const excerpt = sources.get(sayPlace(site));
  return excerpt?.lines[site.line - excerpt.firstLine] ?? '';
}

/** The call behind the first `await` of a line, as far as it ends on that line. */
function readCall(line: string): Pick<CodeWords, 'call' | 'keeps'> {
  const match = /^\s*(?:(?<keeps>(?:const|let|var)\s+(?:[\w$]+|\{[^{}=]*\}|\[[^[\]=]*\])\s*=\s*)|return\s+|[\w$.]+\s*=\s*)?await\s+(?<rest>.+)$/.exec(line.replace(/\s*\/\/.*$/, ''));
  // Type arguments are brackets, too, and say nothing here; long texts are shortened.
  const rest = (match?.groups?.['rest'] ?? '').replace(/(?<=\w)<[^()]*>(?=\()/, '').replace(/(['"`])((?:(?!\1)[^\\]){28})(?:(?!\1)[^\\])+\1/g, '$1$2…$1');
  const end = endOfCall(rest);
  if (end < 0) return { call: null, keeps: '' };
  const call = rest.slice(0, end);
  return call.length > LONGEST_CALL ? { call: null, keeps: '' } : { call, keeps: match?.groups?.['keeps'] ?? '' };
}

/** Where the bracket that opens first is closed; -1: not here. */
function endOfCall(text: string): number {
  let depth = 0;
  let quote = '';
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i] as string;
    if (quote !== '') {
      if (c === '\\') i += 1;
      else if (c === quote) quote = '';
    } else if (c === "'" || c === '"' || c === '`') quote = c;
    else if (c === '(' || c === '[' || c === '{') depth += 1;
    else if (c === ')' || c === ']' || c === '}') {
      depth -= 1;
      if (depth < 0) return -1;
      // A method that is called on the result belongs to it.
      if (depth === 0 && text[i + 1] !== '.') return i + 1;
    }
  }
  return -1;
}

/** Statements as lines of code on the connection; `…` when none is known. */
export function sendAll(statements: readonly string[], most = 2, client = 'client'): string[] {
  return (statements.length === 0 ? ["'…'"] : statements.slice(0, most)).map((text) => `await ${client}.query(${text});`);
}

export function joinLines(...lines: readonly (string | readonly string[])[]): string {
  return lines.flat().join('\n');
}
