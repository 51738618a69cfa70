import type { Links } from '../html/links.js';
import type { Analysis } from '../model.js';

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

/** By format. Each is loaded when it is asked for: all of them are 60 files, and took 30 of the 260 ms of CPU time of a small report. */
export const renderers = {
  terminal: async () => (await import('./terminal.js')).renderTerminal,
  json: async () => (await import('./json.js')).renderJson,
  html: async () => (await import('../html/render.js')).renderHtml,
  junit: async () => (await import('./junit.js')).renderJunit,
  sarif: async () => (await import('./sarif.js')).renderSarif,
  github: async () => (await import('./github.js')).renderGithub,
} as const satisfies Record<string, () => Promise<Renderer>>;

export type Format = keyof typeof renderers;
