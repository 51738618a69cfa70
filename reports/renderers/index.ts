import { renderHtml } from '../html/render.js';
import type { Analysis } from '../model.js';
import { renderJson } from './json.js';
import { renderTerminal } from './terminal.js';

/** How text for a terminal may look; the other formats do not care. */
export interface RenderOptions {
  color: boolean;
  /** Columns. */
  width: number;
}

/** A pure function: the same analysis and options give the same text. */
export type Renderer = (analysis: Analysis, options: RenderOptions) => string;

export const renderers = {
  terminal: renderTerminal,
  json: renderJson,
  html: (analysis) => renderHtml(analysis),
} as const satisfies Record<string, Renderer>;

export type Format = keyof typeof renderers;
