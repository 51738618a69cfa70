// Bundles the browser part of the HTML report into one file, which the renderer puts inside the page.
// The page is in no tsconfig of the tool's: it runs in a browser, with other globals.
import { existsSync } from 'node:fs';
import { build } from 'esbuild';

const entry = 'reports/html/page/main.tsx';
if (existsSync(entry)) {
  await build({
    entryPoints: [entry],
    outdir: 'dist/reports/html/page',
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
  });
}
