import type { Finding, Pool, Stack } from '../model.js';
import { fingerprint } from './fingerprint.js';
import { addOffence, newGroup, type Group } from './group.js';
import { siteOf } from '../timeline/locate.js';
import { cwdOf } from '../timeline/run-cwd.js';
import type { Context, Offence, Rule } from './rule.js';

const STATEMENTS = 6;
const OPENING = /^(begin|start transaction)\b/i;

/** All findings of one rule, one for each call site and shape. */
export function runRule(rule: Rule, context: Context): Finding[] {
  const groups = new Map<string, Group>();
  // Stacks are shared: with very many offences, their places are named once for each.
  const known = new Map<Stack | null, Map<string, Group>>();
  for (const offence of rule.offences(context)) {
    let alike = known.get(offence.stack);
    if (alike === undefined) known.set(offence.stack, (alike = new Map<string, Group>()));
    let group = alike.get(offence.shape);
    if (group === undefined) {
      const key = keyOf(offence);
      group = groups.get(key) ?? newGroup(offence);
      groups.set(key, group);
      alike.set(offence.shape, group);
    }
    addOffence(group, offence, context);
  }
  const found = [...groups.values()].filter((group) => rule.isFinding?.(group, context) ?? true);
  return describe(rule, found.toSorted(byPlace), context);
}

/** A line is one place, whichever column: what runs in parallel there ends in any order. */
function keyOf({ stack, shape }: Offence): string {
  const site = siteOf(stack);
  const via = stack?.via;
  const place = site !== null ? `${site.file}:${site.line} ${site.function}` : via ? `${via.package} ${via.function}` : '';
  return `${place} ${shape}`;
}

function byPlace(a: Group, b: Group): number {
  const [left, right] = [a.site, b.site];
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}

function describe(rule: Rule, groups: readonly Group[], context: Context): Finding[] {
  const cwd = cwdOf(context.timeline.recordings[0]?.header);
  const alike = new Map<string, number>();
  return groups.map((group) => {
    const identity = { rule: rule.id, kind: rule.kind?.(group) ?? group.shape, stack: group.stack, statement: statementOf(group) };
    const name = fingerprint(identity, cwd);
    const ordinal = alike.get(name) ?? 0;
    alike.set(name, ordinal + 1);
    const share = rule.sharesUse ? shareOf(group.totalMs, group.pools, context) : null;
    const unique = ordinal === 0 ? name : fingerprint(identity, cwd, ordinal);
    context.occurrences.set(unique, [...group.occurrences.values()].map((sheet) => sheet.finish()));
    return {
      rule: rule.id,
      severity: rule.severity(group, context),
      fingerprint: unique,
      title: rule.title(group, share, context).replace(/^the /, 'The '),
      callSite: group.site,
      frames: group.stack?.frames ?? [],
      via: group.stack?.via ?? null,
      count: group.count,
      totalMs: group.totalMs,
      maxMs: group.maxMs,
      evidence: {
        shareOfUse: share,
        examples: group.examples,
        decomposition: rule.sharesUse ? group.decomposition : null,
        statements: [...group.statements].toSorted((a, b) => b[1].count - a[1].count).map(([text]) => text).filter((text) => text !== '').slice(0, STATEMENTS),
        facts: rule.facts?.(group, context) ?? {},
        ...(rule.cycle === undefined ? {} : { cycle: rule.cycle(group, context) }),
      },
      advice: rule.advice(group, context),
    };
  });
}

/** The statement that names a finding: the most frequent one, a BEGIN only if there is no other. */
function statementOf(group: Group): string {
  const ranked = [...group.identities].toSorted((a, b) => b[1].count - a[1].count || (a[0] < b[0] ? -1 : 1)).map(([text]) => text);
  return ranked.find((text) => text !== '' && !OPENING.test(text)) ?? ranked[0] ?? '';
}

function shareOf(ms: number, pools: ReadonlySet<Pool | null>, context: Context): number | null {
  let useMs = 0;
  for (const pool of pools) useMs += context.useMsOf(pool);
  return useMs > 0 ? Math.min(1, ms / useMs) : null;
}
