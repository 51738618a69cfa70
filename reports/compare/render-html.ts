import { escapeJson } from '../html/build-page-data.js';
import type { Links } from '../html/links.js';
import { buildPageComparison } from '../html/page-comparison.js';
import { renderDocument } from '../html/render.js';
import { roundTimes } from '../round-times.js';
import type { Comparison } from './model.js';

/** A comparison as one HTML document that needs nothing else. Pure. */
export function renderComparisonHtml(comparison: Comparison, links?: Links): string {
  const json = escapeJson(JSON.stringify(buildPageComparison(roundTimes(comparison), links)));
  return renderDocument({ title: `${comparison.summary} · pg-lifeguard`, heading: comparison.summary, json });
}
