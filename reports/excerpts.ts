import { resolve } from 'node:path';
import { hideCredentials } from './hide-credentials.js';
import type { CallSite, Finding, SourceExcerpt } from './model.js';
import type { Sources } from './timeline/sources.js';

const LINES_AROUND = 5;

/** The source lines around every call site and frame of the findings, by "file:line". */
export function readExcerpts(findings: readonly Finding[], cwd: string, sources: Sources): Map<string, SourceExcerpt> {
  const excerpts = new Map<string, SourceExcerpt>();
  const add = ({ file, line }: CallSite): void => {
    const key = `${file}:${line}`;
    if (excerpts.has(key)) return;
    const lines = sources.lines(file) ?? sources.lines(resolve(cwd, file));
    // A file that is shorter than that was changed since.
    if (lines === null || line < 1 || line > lines.length) return;
    const firstLine = Math.max(1, line - LINES_AROUND);
    excerpts.set(key, { file, firstLine, lines: lines.slice(firstLine - 1, line + LINES_AROUND).map(hideCredentials) });
  };
  for (const { callSite, frames } of findings) {
    if (callSite !== null) add(callSite);
    for (const frame of frames) add(frame);
  }
  return excerpts;
}
