/**
 * SQL without its literals, so that no value of the program's gets into a trace and statements that differ only in values
 * are one. A tokenizer after PostgreSQL's lexical rules (https://www.postgresql.org/docs/current/sql-syntax-lexical.html),
 * so that a quote in a comment, a dollar-quoted body or an escape does not throw it off. What it cannot make out (an
 * unterminated literal, a character that SQL does not have) is taken for a literal to the end: rather too little text than a
 * value. So are values where a broken statement has names: an address without quotes, a number with letters behind it.
 */

/** Longer statements are cut. */
const LONGEST = 4000;
/** Before normalising: nothing is lost that would be shown, and a bulk insert of megabytes costs nothing. */
const LONGEST_INPUT = 40_000;
/** "$65535". */
const LONGEST_PARAMETER = 6;
/** PostgreSQL cuts longer names: what is longer is none. */
const LONGEST_NAME = 63;

/** No quote, comment or escape can begin or end in it, so it may be taken out before the text is looked at. */
const ADDRESS = /(?<![\w.])[\w.]{1,64}@\w+(?:[-.]\w+)+/g;
/** Where somebody takes a URL or a connection string for a statement. Like an address, it holds nothing that begins or ends a literal. */
const CREDENTIALS = /:\/\/(?:-?[\w.:%+!~])*@(?:-?[\w.:])*/g;
const CONNECTION_PASSWORD = /\b(password=)(?![?$])[^\s();,]+(?![\w(])/gi;
/** A custom setting may be given a bare word, and a password is given one by mistake. */
const SETTING = /((?:^|;) ?(?:(?:alter|create) [^;]*? |)set (?:local |session )?[\w"]+\.[\w".]+ ?(?:=|to) ?)(?! ?\?)[^;]+/gi;
const PASSWORD = /((?:^|;) ?(?:create|alter) (?:role|user|group) [^;]*?password )(?!\?|null\b)\S+/gi;
/** Rows that psql would send after such a command. */
const COPIED_ROWS = /\bfrom\s+stdin\b[^;\n]*(?:;[ \t\r]*)?\n(?=\s*(?!with\b|where\b)\S)/i;

const TOKEN = new RegExp(
  [
    /(?<space>\s+)/,
    /(?<comment>--[^\n\r]*|\/\*)/,
    // E'…' with backslash escapes; N'…', B'…', X'…', U&'…' and plain '…' with doubled quotes only.
    /(?<escaped>[eE]'(?:[^'\\]|\\(?:[\s\S]|$)|'')*(?:'|$))/,
    /(?<string>(?:[nNbBxX]|[uU]&)?'(?:[^']|'')*(?:'|$))/,
    /(?<quotedName>(?:[uU]&)?"(?:[^"]|"")*(?:(?<closed>")|$))/,
    /(?<parameter>\$\d+)/,
    /(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)/,
    /(?<uuid>[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12})/,
    /(?<name>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /(?<number>0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)[\w\u0080-\uffff]*/,
    /(?<other>[\s\S])/,
  ]
    .map((part) => part.source)
    .join('|'),
  'y',
);

/** JSON without quotes, a shell's or psql's commands, another database's quotes. */
const NO_SQL = /[{}\\`\0]/;
/** A word processor's quotes: PostgreSQL takes them for letters. */
const FOREIGN_QUOTE = /[‘’‚‛“”„‟‹›«»＇＂]/;
/** With standard_conforming_strings off, a string goes on behind such an end. */
const GOES_ON = /[^'\\](?:\\\\)*\\'$/;
/** What may stand right behind a string; any other word is more of a text that has a quote in it. */
const KEYWORD = /^(?:and|as|asc|between|collate|desc|else|end|escape|from|group|in|is|isnull|like|ilike|limit|not|notnull|offset|on|or|order|returning|similar|then|to|union|uescape|when|where)$/i;
const WORD = /[\w\u0080-\uffff]+/y;

/** `select * from t where a = 'x' -- c` → `select * from t where a = ?`. Lists of literals become one `?, …`. */
export function normaliseSql(sql: string): string {
  const whole = sql.length > LONGEST_INPUT ? sql.slice(0, LONGEST_INPUT) : sql;
  const text = cutRows(hideAddresses(whole));
  const hasForeignQuotes = FOREIGN_QUOTE.test(text);
  const parts: string[] = [];
  let space = false;
  let firstString = -1;
  const add = (part: string): void => {
    parts.push(space && parts.length > 0 ? ` ${part}` : part);
    space = false;
  };
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)!.groups!;
    if (groups['space'] !== undefined) space = true;
    else if (groups['comment'] !== undefined) {
      if (groups['comment'] === '/*') TOKEN.lastIndex = endOfComment(text, start);
      space = true;
    } else if (groups['dollar'] !== undefined) {
      const end = text.indexOf(groups['dollar'], TOKEN.lastIndex);
      TOKEN.lastIndex = end < 0 ? text.length : end + groups['dollar'].length;
      add('?');
    } else if (groups['string'] !== undefined) {
      if (firstString < 0) firstString = parts.length;
      const end = TOKEN.lastIndex;
      if (end === text.length ? whole === sql && isOpen(groups['string']) : isFollowedByWord(text, end)) {
        // One has a quote in it: there is no telling what is in quotes and what is not. (Of a long one we have cut the end off.)
        if (firstString < parts.length) space = parts[firstString]!.startsWith(' ');
        parts.length = firstString;
        TOKEN.lastIndex = text.length;
      } else if (GOES_ON.test(groups['string'])) TOKEN.lastIndex = text.length;
      add('?');
    } else if (groups['escaped'] !== undefined || groups['number'] !== undefined || groups['uuid'] !== undefined) add('?');
    else if (groups['quotedName'] !== undefined && (groups['closed'] === undefined || TOKEN.lastIndex - start > LONGEST_NAME + 4)) add('?');
    else if ((groups['name']?.length ?? 0) > LONGEST_NAME || (groups['parameter']?.length ?? 0) > LONGEST_PARAMETER) add('?');
    else if ((groups['other'] !== undefined && NO_SQL.test(groups['other'])) || (hasForeignQuotes && groups['name'] !== undefined && FOREIGN_QUOTE.test(groups['name']))) {
      TOKEN.lastIndex = text.length;
      add('?');
    } else add(text.slice(start, TOKEN.lastIndex));
  }
  const normalised = foldLists(parts.join('')).replace(SETTING, '$1?').replace(PASSWORD, '$1?').replace(CONNECTION_PASSWORD, '$1?');
  return normalised.length > LONGEST ? `${normalised.slice(0, LONGEST)} …` : normalised;
}

function hideAddresses(text: string): string {
  return text.includes('@') ? text.replace(CREDENTIALS, '://0').replace(ADDRESS, '0') : text;
}

/** What is cut off may be in the middle of anything, but nothing behind it is told. */
function cutRows(text: string): string {
  const rows = COPIED_ROWS.exec(text);
  return rows === null ? text : `${text.slice(0, rows.index + rows[0].length)}0`;
}

/** Whether a plain string has no last quote: the number of all of its quotes is odd then. */
function isOpen(string: string): boolean {
  return string.split("'").length % 2 === 0;
}

/** Whether what follows a string at once is a word that cannot stand there. */
function isFollowedByWord(text: string, end: number): boolean {
  WORD.lastIndex = end;
  const word = WORD.exec(text);
  return word !== null && !KEYWORD.test(word[0]);
}

/** Comments nest. */
function endOfComment(text: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(text); match !== null; match = edge.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return text.length;
}

/** `in ($1, $2, $3)` and `values (?, ?), (?, ?)` of any length are the same statement. */
function foldLists(text: string): string {
  return text
    .replace(/(\?|\$\d+)(?:\s*,\s*(?:\?|\$\d+))+/g, '$1, …')
    .replace(/(\((?:\?|\$\d+)(?:, …)?\))(?:\s*,\s*\((?:\?|\$\d+)(?:, …)?\))+/g, '$1, …');
}
