/** A long trace lies in several files: NAME.ndjson, NAME.part2.ndjson… */

const PART = /(?:\.part(\d+))?(\.ndjson(?:\.gz)?)$/;

/** The files of each trace, in their order: one that was not cut into parts is a list of one. */
export function groupParts(files: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const name = file.replace(PART, '');
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [file]);
    else group.push(file);
  }
  return [...groups.values()].map(sortParts);
}

/** In the order in which they were written. */
export function sortParts(files: readonly string[]): string[] {
  return files.toSorted((a, b) => numberOf(a) - numberOf(b));
}

function numberOf(file: string): number {
  return Number(PART.exec(file)?.[1] ?? 1);
}
