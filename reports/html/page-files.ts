import { readFileSync } from 'node:fs';

/** The bundled browser part of the report: a script and a style sheet, safe to stand inside an HTML document. */
export interface PageFiles {
  script: string;
  style: string;
}

let cached: PageFiles | undefined;

/** Reads what the build left next to this file. Throws when the build's page step has not run. */
export function readPageFiles(): PageFiles {
  cached ??= { script: escapeScript(readPart('main.js')), style: escapeStyle(readPart('main.css')) };
  return cached;
}

function readPart(name: string): string {
  const url = new URL(`page/${name}`, import.meta.url);
  try {
    return readFileSync(url, 'utf8').trim();
  } catch (error) {
    throw new Error(`The HTML report's page is missing: cannot read ${url.pathname}. "npm run build" makes it.`, { cause: error });
  }
}

/** A browser ends a script at the first "</script", and reads "<!--" as the start of something else. */
function escapeScript(code: string): string {
  return code.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '\\x3c!--');
}

function escapeStyle(css: string): string {
  return css.replace(/<\/(style)/gi, '<\\/$1');
}
