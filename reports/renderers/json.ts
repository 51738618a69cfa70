import type { Analysis } from '../model.js';

/** The report as JSON, described by `report.schema.json`. Keys have the order in which the report is written down. */
export function renderJson({ report, gate }: Analysis): string {
  return `${JSON.stringify(gate === undefined ? report : { ...report, gate }, null, 2)}\n`;
}
