import type { ComparedFinding, Comparison } from '../compare/model.js';
import type { CallSite } from '../model.js';
import { buildPageLinks, type Links } from './links.js';
import { visibleText } from './visible-text.js';

/** What the page of a comparison carries. */
export interface PageComparison {
  comparison: Comparison;
  /** Where lines of source lead to; null: nowhere. */
  links: Links | null;
}

/** The comparison, with what came from the recorded programs made visible. */
export function buildPageComparison(comparison: Comparison, links?: Links): PageComparison {
  const site = (at: CallSite | null): CallSite | null => (at === null ? null : { ...at, file: visibleText(at.file), function: visibleText(at.function) });
  const run = (one: Comparison['before']): Comparison['before'] => ({ ...one, name: visibleText(one.name), summary: visibleText(one.summary), run: { ...one.run, cwd: visibleText(one.run.cwd), processes: one.run.processes.slice(0, 1).map((process) => Object.assign({}, process, { script: visibleText(process.script) })) } });
  return {
    links: buildPageLinks(links),
    comparison: {
      ...comparison,
      before: run(comparison.before),
      after: run(comparison.after),
      findings: comparison.findings.slice(0, 200).map((finding) => showFinding(finding, site)),
      pools: comparison.pools.map((pool) => ({ ...pool, name: visibleText(pool.name) })),
      unmatchedPools: comparison.unmatchedPools.map((pool) => ({ ...pool, name: visibleText(pool.name) })),
    },
  };
}

function showFinding(finding: ComparedFinding, site: (at: CallSite | null) => CallSite | null): ComparedFinding {
  return { ...finding, title: visibleText(finding.title), callSite: site(finding.callSite), movedFrom: site(finding.movedFrom) };
}
