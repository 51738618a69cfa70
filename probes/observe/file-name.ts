/** How a file is named in a trace: a `data:` URL is a program's source itself, and a query may hold anything. */
export function nameOfFile(file: string): string {
  if (file.startsWith('data:')) return 'data:';
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(file) ? file.replace(/[?#].*$/s, '') : file;
}
