import { createHash } from 'node:crypto';
import type { Analysis } from '../model.js';
import type { SweepReport } from '../sweep/model.js';
import { buildPageJson } from './build-page-data.js';
import type { Links } from './links.js';
import { readPageFiles } from './page-files.js';
import { visibleText } from './visible-text.js';

export interface HtmlOptions {
  /** Title of the document; by default the verdict's sentence. */
  title?: string;
  /** The sweep that the analysis is of: its chart comes first. */
  sweep?: SweepReport;
  /** Where lines of source lead to; left out: nowhere. */
  links?: Links;
  /** Absolute: where the page will lie, for links to files beside it. */
  folder?: string;
}

/**
 * The report as one HTML document that needs nothing else: no request leaves it, and its Content-Security-Policy lets only
 * its own script and style run. What came from the recorded program stands in it as JSON or escaped text, never as markup.
 * At most two megabytes: beyond that the timeline shows a sample, and says so.
 */
export function renderHtml(analysis: Analysis, options: HtmlOptions = {}): string {
  const { summary } = analysis.report;
  return renderDocument({ title: options.title ?? `${summary} · pg-lifeguard`, heading: summary, json: buildPageJson(analysis, options) });
}

export interface PageDocument {
  title: string;
  /** Shown where scripts do not run. */
  heading: string;
  /** What the page's script reads: safe inside a script element, see `escapeJson`. */
  json: string;
}

/** The shell around the data of any page. */
export function renderDocument({ title, heading, json }: PageDocument): string {
  const { script, style } = readPageFiles();
  const policy = [
    "default-src 'none'",
    `script-src '${hash(script)}'`,
    `style-src '${hash(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="robots" content="noindex">',
    `<title>${escapeHtml(visibleText(title))}</title>`,
    `<link rel="icon" href="${ICON}">`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<div id="page"><main class="static"><h1>${escapeHtml(visibleText(heading))}</h1><p>The details need JavaScript.</p></main></div>`,
    `<script type="application/json" id="data">${json}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** A ring buoy. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="10.5" fill="none" stroke="#f4f6f3" stroke-width="8"/><circle cx="16" cy="16" r="10.5" fill="none" stroke="#d8431f" stroke-width="8" stroke-dasharray="8.25 8.25"/></svg>',
)}`;

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;');
}
