import type { CodeExample } from '../../advice/examples.js';
import { Code } from './code.js';

/** The way out as code, in outline: lines that change places are marked. */
export function CodeExampleBox({ code }: { code: CodeExample }) {
  const before = code.before.split('\n');
  const after = code.after.split('\n');
  return (
    <div class="code-example">
      <Outline name="Before" kind="before" lines={before} others={after} />
      <Outline name="After" kind="after" lines={after} others={before} />
      <p class="quiet">In outline{code.via !== '' && `, and in the words of pg: ${code.via} has its own for it`}.</p>
    </div>
  );
}

/** A comment may say why; the code is what changes. */
function codeOf(line: string): string {
  return line.replace(/\s*\/\/.*$/, '').trim();
}

function Outline({ name, kind, lines, others }: { name: string; kind: string; lines: string[]; others: string[] }) {
  const moved = changedLines(lines, others);
  return (
    <figure class={kind}>
      <figcaption>{name}</figcaption>
      <pre tabIndex={0} aria-label={name}>
        {lines.map((line, i) => (
          <code key={i} class={moved.has(i) ? 'changed' : ''}>
            {line === '' ? ' ' : <Code text={line} />}
            {'\n'}
          </code>
        ))}
      </pre>
    </figure>
  );
}

/** Lines that are not part of the longest common sequence of both. */
function changedLines(lines: string[], others: string[]): Set<number> {
  const [a, b] = [lines.map(codeOf), others.map(codeOf)];
  const length: number[][] = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  const get = (i: number, j: number): number => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) (length[i] ?? [])[j] = a[i] === b[j] ? get(i + 1, j + 1) + 1 : Math.max(get(i + 1, j), get(i, j + 1));
  }
  const changed = new Set<number>();
  for (let i = 0, j = 0; i < a.length; ) {
    if (j < b.length && a[i] === b[j]) {
      i++;
      j++;
    } else if (j >= b.length || get(i + 1, j) >= get(i, j + 1)) {
      if (a[i] !== '') changed.add(i);
      i++;
    } else j++;
  }
  return changed;
}
