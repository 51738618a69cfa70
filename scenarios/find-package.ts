/** Libraries that one scenario needs and most users do not. */

/** Null when the package is installed; else what is missing and how to get it, in one line. */
export function findPackage(name: string): string | null {
  try {
    import.meta.resolve(name);
    return null;
  } catch {
    return `it needs the package ${name}, which is not installed; npm install ${name}`;
  }
}
