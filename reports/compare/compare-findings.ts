/** The findings of two runs, matched by their fingerprints. */
import { SEVERITIES, type Analysis, type CallSite, type Finding, type Timeline } from '../model.js';
import { sayMany, sayPlace, sayTimes } from '../words.js';
import { partFindings, partsOfNothing, type FindingParts } from './finding-parts.js';
import { CHANGES, type Change, type ComparedFinding } from './model.js';
import { chanceOfNone, measureChange } from './noise.js';

/** Cheaper findings are told by their presence alone. */
const FLOOR_MS = 0.5;
/** Not to have seen something is evidence when it would have been seen in 95 of 100 such runs. */
const BY_CHANCE = 0.05;

export function compareFindings(before: Analysis, after: Analysis): ComparedFinding[] {
  const [left, right] = [byFingerprint(before), byFingerprint(after)];
  const parts = { before: partFindings(before), after: partFindings(after) };
  const nothing = { before: partsOfNothing(before.timeline), after: partsOfNothing(after.timeline) };
  const partsOf = (finding: Finding | undefined, of: FindingParts, none: number[]): number[] => (finding === undefined ? none : of(finding));
  const compared = [...new Set([...left.keys(), ...right.keys()])].map((fingerprint): ComparedFinding => {
    const pair = { before: left.get(fingerprint), after: right.get(fingerprint) };
    const shown = (pair.after ?? pair.before) as Finding;
    const rows = { before: partsOf(pair.before, parts.before, nothing.before), after: partsOf(pair.after, parts.after, nothing.after) };
    const costMs = measureChange(costOf(pair.before, before), costOf(pair.after, after), rows, FLOOR_MS);
    const doubt = findDoubt(pair, before, after);
    return {
      change: changeOf(pair, costMs.verdict, doubt),
      rule: shown.rule,
      severity: shown.severity,
      fingerprint,
      title: shown.title,
      callSite: shown.callSite,
      movedFrom: movedFrom(pair),
      count: { before: pair.before?.count ?? 0, after: pair.after?.count ?? 0 },
      costMs,
      doubt,
    };
  });
  return compared.toSorted((a, b) => CHANGES.indexOf(a.change) - CHANGES.indexOf(b.change) || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || weight(b) - weight(a) || (a.fingerprint < b.fingerprint ? -1 : 1));
}

interface Pair {
  before: Finding | undefined;
  after: Finding | undefined;
}

function byFingerprint({ report }: Analysis): Map<string, Finding> {
  return new Map(report.findings.map((finding) => [finding.fingerprint, finding]));
}

function costOf(finding: Finding | undefined, { timeline }: Analysis): number {
  return finding === undefined ? 0 : finding.totalMs / Math.max(1, timeline.checkouts.length);
}

/** What is there now is there; what is not may have been missed. */
function changeOf({ before, after }: Pair, verdict: ComparedFinding['costMs']['verdict'], doubt: string | null): Change {
  if (before === undefined) return 'new';
  if (after === undefined) return doubt === null ? 'gone' : 'unclear';
  const changes = { lower: 'better', higher: 'worse', same: 'same', unclear: 'unclear' } as const;
  return changes[verdict];
}

function findDoubt({ before, after }: Pair, first: Analysis, second: Analysis): string | null {
  if (before !== undefined && after === undefined) return doubtAbsence(before, first, second, 'the second run');
  if (before === undefined && after !== undefined) return doubtAbsence(after, second, first, 'the first run');
  return null;
}

/** Whether a run in which something was not seen could have shown it. */
function doubtAbsence(finding: Finding, seen: Analysis, unseen: Analysis, name: string): string | null {
  const checkouts = unseen.timeline.checkouts.length;
  if (checkouts === 0) return `${name} has no checkout`;
  const { statements } = finding.evidence;
  const own = statements.filter((text) => !EDGE.test(text));
  if (own.length > 0 && !hasRun(unseen.timeline, new Set(own))) return `none of the statements next to it ran in ${name}, which may not have come there`;
  const expected = (finding.count / Math.max(1, seen.timeline.checkouts.length)) * checkouts;
  if (chanceOfNone(expected) > BY_CHANCE) return `seen ${sayTimes(finding.count)} in ${sayMany(seen.timeline.checkouts.length, 'checkout')}, it may be missing among the ${sayMany(checkouts, 'checkout')} of ${name} by chance`;
  return null;
}

function hasRun({ checkouts }: Timeline, statements: ReadonlySet<string>): boolean {
  return checkouts.some(({ queries }) => queries.some(({ statement }) => statements.has(statement.text)));
}

/** Every transaction has these. */
const EDGE = /^\s*(?:begin|start transaction|commit|rollback|end)\b/i;

function movedFrom({ before, after }: Pair): CallSite | null {
  const [from, to] = [before?.callSite, after?.callSite];
  return from && to && sayPlace(from) !== sayPlace(to) ? from : null;
}

function weight({ costMs }: ComparedFinding): number {
  return Math.max(costMs.before, costMs.after);
}
