import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Analysis } from '../../reports/model.js';
import { renderers } from '../../reports/renderers/index.js';
import { ROOT } from '../support/folder.js';

/** What is wrong with a report; null: nothing. */
export type Check = (report: unknown) => string | null;

export function schemaCheck(): Check {
  const ajv = new Ajv2020({ strict: false });
  const validate = ajv.compile(JSON.parse(readFileSync(join(ROOT, 'reports/report.schema.json'), 'utf8')) as object);
  return (report) => (validate(report) ? null : ajv.errorsText(validate.errors));
}

/** All formats; what they make is not looked at. */
export const RENDERERS: [format: string, render: (analysis: Analysis) => Promise<string>][] = Object.entries(renderers).map(([format, load]) => [format, async (analysis) => (await load())(analysis, { color: false, width: 100, root: '/' })]);
