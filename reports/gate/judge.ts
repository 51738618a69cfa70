/** Which findings count, and what is over its limit. */
import { RULE_IDS, type Analysis, type Finding } from '../model.js';
import { relativeTo } from '../relative-file.js';
import { checkoutsOf } from '../timeline/checkout-list.js';
import { sayMs, sayTimes } from '../words.js';
import type { Baseline, BaselineEntry } from './baseline.js';
import { checkLimits } from './check-limits.js';
import type { Config, Ignore } from './config.js';
import type { FindingStanding, Gate } from './model.js';

/**
 * Judges an analysis. Severities are taken as they are: see `applyRules`.
 * @param folder absolute, of the configuration: its files may be named from there, wherever the run was started.
 */
export function judgeGate({ report, timeline }: Analysis, config: Config, baseline: Baseline | null, folder: string | null = null): Gate {
  const ignores = new Map((config.ignore ?? []).map((entry) => [entry.fingerprint, entry]));
  const known = new Map((baseline?.entries ?? []).map((entry) => [entry.fingerprint, entry]));
  const growthFails = config.baselineGrowth === 'fail';
  const findings = report.findings.map((finding) => standingOf(finding, ignores.get(finding.fingerprint), known.get(finding.fingerprint), growthFails));
  const limits = config.limits === undefined ? [] : checkLimits(timeline, config.limits, folder === null ? undefined : (file) => relativeTo(file, report.run.cwd, folder));
  const found = new Set(report.findings.map(({ fingerprint }) => fingerprint));
  // Of a run that did nothing, nothing follows.
  const isUnseen = ({ fingerprint }: { fingerprint: string }): boolean => checkoutsOf(timeline).length > 0 && !found.has(fingerprint);
  return {
    passed: findings.every(({ fails }) => !fails) && limits.every(({ exceeded }) => !exceeded),
    findings,
    limits,
    off: RULE_IDS.filter((rule) => config.rules?.[rule] === 'off'),
    baseline: baseline?.name ?? null,
    unseen: [...known.values()].filter(isUnseen).map(({ fingerprint, title }) => ({ fingerprint, title })),
    unusedIgnores: [...ignores.values()].filter(isUnseen).map(({ fingerprint, reason }) => ({ fingerprint, title: reason })),
  };
}

/** Without a configuration and a baseline: all that is an error counts. */
export function judgePlainly(findings: readonly Finding[]): FindingStanding[] {
  return findings.map((finding) => standingOf(finding, undefined, undefined, false));
}

function standingOf({ fingerprint, severity, count, maxMs }: Finding, ignore: Ignore | undefined, known: BaselineEntry | undefined, growthFails: boolean): FindingStanding {
  const serious = severity === 'error';
  if (ignore !== undefined) {
    const { reason, maxMs: budgetMs } = ignore;
    if (budgetMs === undefined || maxMs <= budgetMs) return { fingerprint, standing: 'ignored', fails: false, reason };
    return { fingerprint, standing: 'over-budget', fails: serious, reason: `ignored up to ${sayMs(budgetMs)} (${reason}), took ${sayMs(maxMs)}` };
  }
  if (known === undefined) return { fingerprint, standing: 'new', fails: serious, reason: '' };
  if (count <= known.count) return { fingerprint, standing: 'known', fails: false, reason: 'in the baseline' };
  return { fingerprint, standing: 'grown', fails: serious && growthFails, reason: `in the baseline with ${known.count === 1 ? 'one occurrence' : `${known.count} occurrences`}, now ${sayTimes(count)}` };
}
