/** Findings that were accepted as they are, in a file that people review. */
import * as v from 'valibot';
import type { Finding, Report } from '../model.js';
import { nameFinding } from './name-finding.js';

export const BASELINE_VERSION = 1;

const baselineSchema = v.object({
  version: v.literal(BASELINE_VERSION),
  findings: v.array(v.object({ fingerprint: v.string(), rule: v.string(), count: v.number(), title: v.string() })),
});

export type BaselineEntry = v.InferOutput<typeof baselineSchema>['findings'][number];

export interface Baseline {
  /** As it is named to the user. */
  name: string;
  entries: BaselineEntry[];
}

/** Reads a baseline's text; null when it is none. */
export function parseBaseline(text: string): BaselineEntry[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const result = v.safeParse(baselineSchema, value);
  return result.success ? result.output.findings : null;
}

/** What would be known: errors and warnings; a note fails nowhere, and one that is ignored has its reason elsewhere. */
export function entriesOf(report: Report, ignored: ReadonlySet<string>): BaselineEntry[] {
  return report.findings
    .filter(({ severity, fingerprint }) => severity !== 'note' && !ignored.has(fingerprint))
    .map((finding) => entryOf(finding, report.run.cwd))
    .toSorted(byTitle);
}

function entryOf(finding: Finding, cwd: string): BaselineEntry {
  return { fingerprint: finding.fingerprint, rule: finding.rule, count: finding.count, title: nameFinding(finding, cwd) };
}

function byTitle(a: BaselineEntry, b: BaselineEntry): number {
  if (a.title !== b.title) return a.title < b.title ? -1 : 1;
  return a.fingerprint < b.fingerprint ? -1 : 1;
}

/** The file's text: the same entries give the same text. */
export function writeBaseline(entries: readonly BaselineEntry[]): string {
  const about = 'Findings that were there already: lifeguard check fails for others only. Written by lifeguard check --update-baseline; lines may be deleted.';
  return `${JSON.stringify({ version: BASELINE_VERSION, about, findings: entries }, null, 2)}\n`;
}
