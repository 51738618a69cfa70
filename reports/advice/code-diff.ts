/** A line of both outlines, or of one of them: null where it is not. */
export interface DiffLine {
  before: string | null;
  after: string | null;
}

/** Two outlines line by line, along their longest common sequence. A comment may say why; the code is what changes. */
export function diffCode(code: { before: string; after: string }): DiffLine[] {
  const [before, after] = [code.before.split('\n'), code.after.split('\n')];
  const [a, b] = [before.map(withoutComment), after.map(withoutComment)];
  // How long the longest common sequence of the rests from line i and line j on is.
  const length: number[][] = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  const get = (i: number, j: number): number => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) (length[i] ?? [])[j] = a[i] === b[j] ? get(i + 1, j + 1) + 1 : Math.max(get(i + 1, j), get(i, j + 1));
  }
  const lines: DiffLine[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) lines.push({ before: before[i++] ?? '', after: after[j++] ?? '' });
    else if (j >= b.length || (i < a.length && get(i + 1, j) >= get(i, j + 1))) lines.push({ before: before[i++] ?? '', after: null });
    else lines.push({ before: null, after: after[j++] ?? '' });
  }
  return lines;
}

function withoutComment(line: string): string {
  return line.replace(/\s*\/\/.*$/, '').trim();
}
