import { resolve } from 'node:path';
import type { Finding } from './model.js';
import type { Sources } from './timeline/sources.js';

/** Adds to the advice of findings in bundles without a source map that their lines are the bundle's. */
export function sayUnmapped(findings: readonly Finding[], cwd: string, sources: Sources): Finding[] {
  return findings.map((finding) => {
    const { callSite, advice } = finding;
    if (callSite === null || !sources.isUnmapped(resolve(cwd, callSite.file), callSite.line)) return finding;
    return { ...finding, advice: `${advice} (${callSite.file} is a bundle without a source map, so its lines are not those of your sources, and libraries in it may be taken for your code: build it with one, as by esbuild's --sourcemap.)` };
  });
}
