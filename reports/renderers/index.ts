import type { Links } from '../html/links.js';
import { renderHtml } from '../html/render.js';
import type { Analysis } from '../model.js';
import { renderGithub } from './github.js';
import { renderJson } from './json.js';
import { renderJunit } from './junit.js';
import { renderSarif } from './sarif.js';
import { renderTerminal } from './terminal.js';

/** How text for a terminal may look; the other formats do not care. */
export interface RenderOptions {
  color: boolean;
  /** Columns. */
  width: number;
  /** Absolute: what paths are relative to where a platform asks for that; default: the run's cwd. */
  root?: string;
  /** HTML: where lines of source lead to; default: nowhere. */
  links?: Links;
  /** HTML: the absolute folder of the page, for links to files beside it. */
  folder?: string;
}

/** A pure function: the same analysis and options give the same text. */
export type Renderer = (analysis: Analysis, options: RenderOptions) => string;

export const renderers = {
  terminal: renderTerminal,
  json: renderJson,
  html: (analysis, { links, folder }) => renderHtml(analysis, { ...(links !== undefined && { links }), ...(folder !== undefined && { folder }) }),
  junit: renderJunit,
  sarif: renderSarif,
  github: renderGithub,
} as const satisfies Record<string, Renderer>;

export type Format = keyof typeof renderers;
