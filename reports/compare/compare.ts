/** Lays two runs side by side. Pure. */
import type { Analysis } from '../model.js';
import { toolOf } from '../tool.js';
import { sayMany } from '../words.js';
import { compareFindings } from './compare-findings.js';
import { comparePools } from './compare-pools.js';
import { CHANGES, type Change, type ComparedFinding, type ComparedPool, type ComparedRun, type Comparison, type ComparisonVerdict, type Measure, type PoolMetric } from './model.js';

/** @param names as the user named the runs. */
export function compareRuns(before: Analysis, after: Analysis, names: { before: string; after: string }): Comparison {
  const findings = compareFindings(before, after);
  const { pools, unmatchedPools } = comparePools(before, after);
  const verdict = judge(before, after, findings, pools);
  return {
    schemaVersion: 1,
    tool: toolOf(),
    verdict,
    summary: summarise(verdict, findings, pools),
    before: describeRun(before, names.before),
    after: describeRun(after, names.after),
    findings,
    pools,
    unmatchedPools,
  };
}

/** Findings that nobody had before, of those that fail a check. */
export function newErrors({ findings }: Comparison): ComparedFinding[] {
  return findings.filter(({ change, severity }) => change === 'new' && severity === 'error');
}

/** More checkouts a second are good; more of anything else is not. */
export function isBetter(metric: PoolMetric, verdict: Measure['verdict']): boolean | null {
  if (verdict === 'same' || verdict === 'unclear') return null;
  return (verdict === 'higher') === (metric === 'checkoutsPerSecond');
}

function describeRun({ report, timeline }: Analysis, name: string): ComparedRun {
  return { name, run: report.run, checkouts: timeline.checkouts.length, findings: report.findings.filter(({ severity }) => severity !== 'note').length, summary: report.summary };
}

/** Findings decide; the pools' numbers depend on the load, and speak only when no finding does. */
function judge(before: Analysis, after: Analysis, findings: readonly ComparedFinding[], pools: readonly ComparedPool[]): ComparisonVerdict {
  if (before.timeline.checkouts.length === 0 || after.timeline.checkouts.length === 0) return 'inconclusive';
  const serious = findings.filter(({ severity }) => severity !== 'note');
  const has = (...changes: Change[]): boolean => serious.some(({ change }) => changes.includes(change));
  const [good, bad] = [has('gone', 'better'), has('new', 'worse')];
  if (good || bad) return good && bad ? 'mixed' : good ? 'better' : 'worse';
  if (has('unclear')) return 'inconclusive';
  const verdicts = pools.flatMap(({ metrics }) => Object.entries(metrics).map(([metric, { verdict }]) => isBetter(metric as PoolMetric, verdict)));
  // One number among many may lie beyond the noise by chance.
  const agree = (good: boolean): boolean => verdicts.filter((verdict) => verdict === good).length >= 2;
  const [faster, slower] = [agree(true), agree(false)];
  return faster && slower ? 'mixed' : faster ? 'better' : slower ? 'worse' : 'same';
}

const WORDS: Record<Change, (count: number) => string> = {
  new: (count) => `${count} new`,
  worse: (count) => `${count} worse`,
  unclear: (count) => `${count} not to be told from noise`,
  better: (count) => `${count} better`,
  gone: (count) => `${count} gone`,
  same: (count) => `${count} as before`,
};

const STARTS: Record<ComparisonVerdict, string> = {
  better: 'Better',
  worse: 'Worse',
  mixed: 'Better here, worse there',
  same: 'No difference beyond noise',
  inconclusive: 'Inconclusive',
};

function summarise(verdict: ComparisonVerdict, findings: readonly ComparedFinding[], pools: readonly ComparedPool[]): string {
  const counts = CHANGES.map((change): [Change, number] => [change, findings.filter((finding) => finding.change === change).length]).filter(([, count]) => count > 0);
  if (counts.length === 0) return `${STARTS[verdict]}: neither run has a finding${pools.length === 0 ? ', nor a pool that both used' : ''}.`;
  const said = counts.map(([change, count]) => WORDS[change](count));
  return `${STARTS[verdict]}: of ${sayMany(findings.length, 'finding')}, ${said.length > 1 ? `${said.slice(0, -1).join(', ')} and ${said.at(-1)}` : said[0]}.`;
}
