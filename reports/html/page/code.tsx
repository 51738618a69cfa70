/** A line of code with its words told apart; as text, whatever it holds. */
export function Code({ text }: { text: string }) {
  return <>{tokenize(text, TOKEN).map(([kind, part], i) => (kind === '' ? part : <span key={i} class={`t-${kind}`}>{part}</span>))}</>;
}

/** A statement with its keywords told apart. */
export function Sql({ text }: { text: string }) {
  return <>{tokenize(text, SQL_TOKEN).map(([kind, part], i) => (kind === '' ? part : <span key={i} class={`t-${kind}`}>{part}</span>))}</>;
}

const TOKEN =
  /(?<comment>\/\/.*|\/\*.*?(?:\*\/|$)|^\s*\*.*)|(?<string>'(?:\\.|[^'\\])*'?|"(?:\\.|[^"\\])*"?|`(?:\\.|[^`\\])*`?)|(?<keyword>\b(?:await|async|break|case|catch|class|const|continue|default|delete|do|else|export|extends|finally|for|from|function|if|import|in|instanceof|interface|let|new|of|return|static|super|switch|this|throw|try|type|typeof|var|void|while|yield|null|undefined|true|false)\b)|(?<number>\b\d[\d_.]*\b)/g;

const SQL_TOKEN =
  /(?<string>'[^']*'?|"[^"]*"?)|(?<number>\$\d+|\b\d+\b)|(?<keyword>\b(?:select|insert|into|values|update|set|delete|from|where|and|or|not|in|is|null|join|left|right|inner|outer|on|group|order|by|limit|offset|having|as|distinct|begin|commit|rollback|savepoint|release|start|transaction|returning|with|for|share|lock|union|all|exists|between|like|case|when|then|else|end|create|drop|alter|table|index|listen|notify|copy)\b)/gi;

function tokenize(text: string, pattern: RegExp): [kind: string, part: string][] {
  const parts: [string, string][] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) parts.push(['', text.slice(end, match.index)]);
    const kind = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined)?.[0] ?? '';
    parts.push([kind, match[0]]);
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(['', text.slice(end)]);
  return parts;
}
