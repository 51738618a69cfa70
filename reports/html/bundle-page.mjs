// Checks and bundles the browser part of the HTML report into one script and one style sheet, which the renderer puts
// inside the page. It is outside the tool's own tsconfig: it runs in a browser, with other globals.
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const page = 'reports/html/page';

// The script says what is wrong with the types; the bundle is made all the same, as tsc itself does.
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const checked = spawnSync(process.execPath, [tsc, '-p', page], { stdio: 'inherit' });
if (checked.status !== 0) process.exitCode = 1;

/** uPlot formats numbers in the browser's language, and fails where that is none (LANG=C): the report speaks English. */
const english = {
  name: 'english',
  setup(bundle) {
    bundle.onLoad({ filter: /uPlot\.esm\.js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      const contents = code.replaceAll('nav.language', '"en"');
      if (contents === code) throw new Error(`no nav.language in ${path}`);
      return { contents };
    });
  },
};

await build({
  entryPoints: [`${page}/main.tsx`],
  outdir: `dist/${page}`,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  plugins: [english],
  tsconfigRaw: {},
  charset: 'utf8',
  legalComments: 'none',
});
