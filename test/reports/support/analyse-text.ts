import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { analyse, type AnalyseOptions } from '../../../reports/analyse.js';
import type { Analysis, Finding, RuleId, Timeline } from '../../../reports/model.js';
import type { TraceLine } from '../../../probes/trace/events.js';
import { traceOf } from './trace-text.js';

/** A directory with these files, removed after the test. */
export function directoryWith(t: ExecutionContext, files: Record<string, string | Uint8Array>): string {
  const directory = mkdtempSync(join(tmpdir(), 'lifeguard-reports-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

export function toNdjson(lines: readonly TraceLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Analyses traces that are given as text, through files, as a user's would be. */
export async function analyseText(t: ExecutionContext, texts: string | string[], options?: AnalyseOptions): Promise<Analysis> {
  const files = [texts].flat().map((text, index): [string, string] => [`${index}.ndjson`, toNdjson(traceOf(text))]);
  return analyse([directoryWith(t, Object.fromEntries(files))], options);
}

export async function timelineOf(t: ExecutionContext, texts: string | string[]): Promise<Timeline> {
  return (await analyseText(t, texts)).timeline;
}

export function findingsOf({ report }: Analysis, rule: RuleId): Finding[] {
  return report.findings.filter((finding) => finding.rule === rule);
}
