/** Answers what would have been. Pure. */
import type { Analysis, Finding, Pool } from '../model.js';
import { percentiles } from '../summarise-pools.js';
import { siteOf } from '../timeline/locate.js';
import { toolOf } from '../tool.js';
import { sayPlace } from '../words.js';
import { recordedJobs, timeOf, type RecordedJob } from './jobs.js';
import type { Answer, Change, Left, WhatIf } from './model.js';
import { describeAssumptions, summariseWhatIf } from './sentences.js';
import { simulate } from './simulate.js';
import { findStarvingAt } from './starving-at.js';

export interface Question {
  /** The pool's id, or undefined for the one that requests waited for the longest. */
  pool?: string;
  poolMax?: number;
  /** Fingerprints of findings, or their beginnings. */
  without?: readonly string[];
}

/** A question that cannot be answered; its message is one line for the user. */
export class WhatIfError extends Error {
  override readonly name = 'AnalyseError';
}

const WAITED_MS = 1;
const MOST_PROPOSALS = 3;

/** @throws WhatIfError when there is no such pool or finding, or nothing to simulate. */
export function askWhatIf(analysis: Analysis, question: Question = {}): WhatIf {
  const pool = choosePool(analysis, question.pool);
  const jobs = recordedJobs(analysis.timeline, pool);
  const without = (question.without ?? []).map((text) => findFinding(analysis, text));
  const asked = question.poolMax !== undefined || without.length > 0;
  const answer = (poolMax: number | null, findings: readonly Finding[]): Answer => answerOne(analysis, pool, { poolMax, without: findings.map(toLeft) }, findings, jobs);
  const replayed = answer(null, []);
  const answers = asked ? [answer(question.poolMax ?? null, without)] : propose(analysis, pool, answer);
  const site = siteOf(pool.madeAt);
  const known = {
    pool: { id: pool.id, name: site === null ? pool.kind : sayPlace(site), max: pool.max, checkouts: jobs.length },
    recorded: describeRecorded(analysis, pool, jobs),
    replayed,
    answers,
  };
  const nested = analysis.timeline.checkouts.filter((checkout) => checkout.pool === pool && checkout.inside !== null).length;
  return { schemaVersion: 1, tool: toolOf(), ...known, summary: summariseWhatIf(known, asked), assumptions: describeAssumptions(known, nested) };
}

function choosePool({ report, timeline }: Analysis, id: string | undefined): Pool {
  const used = report.pools.filter(({ checkouts }) => checkouts > 0).toSorted((a, b) => b.exhaustedMs - a.exhaustedMs || b.checkouts - a.checkouts);
  const names = used.map((pool) => pool.id);
  if (names.length === 0) throw new WhatIfError('nothing to simulate: no request asked a pool for a connection while this was recorded');
  const chosen = id ?? names[0];
  const pool = timeline.pools.find((one) => one.id === chosen && names.includes(one.id));
  if (pool === undefined) throw new WhatIfError(`there is no pool ${JSON.stringify(id)} in this run, expected ${names.join(', ')}`);
  return pool;
}

function findFinding({ report }: Analysis, text: string): Finding {
  const holders = report.findings.filter(({ evidence }) => evidence.shareOfUse !== null);
  const found = report.findings.filter(({ fingerprint }) => fingerprint.startsWith(text));
  const [finding] = found;
  const expected = holders.length === 0 ? 'there is no finding that holds connections' : `expected ${holders.map(({ fingerprint, rule }) => `${fingerprint} (${rule})`).join(', ')}`;
  if (finding === undefined) throw new WhatIfError(`no finding of this run has the fingerprint ${text}, ${expected}`);
  if (found.length > 1) throw new WhatIfError(`${text} is the beginning of ${found.length} fingerprints: ${found.map(({ fingerprint }) => fingerprint).join(', ')}`);
  if (finding.evidence.shareOfUse === null) throw new WhatIfError(`${finding.fingerprint} (${finding.rule}) holds no connection that could be given back, ${expected}`);
  return finding;
}

function toLeft({ fingerprint, rule, title, callSite }: Finding): Left {
  return { fingerprint, rule, title, callSite };
}

function answerOne(analysis: Analysis, pool: Pool, change: Change, findings: readonly Finding[], recorded: readonly RecordedJob[]): Answer {
  const jobs = findings.length === 0 ? recorded : recordedJobs(analysis.timeline, pool, timeOf(analysis, findings));
  const poolMax = change.poolMax ?? pool.max;
  return {
    change,
    poolMax,
    heldMs: jobs.reduce((sum, { holdMs, movedMs }) => sum + holdMs - movedMs, 0),
    loads: { steady: simulate(jobs, poolMax, 'steady'), following: simulate(jobs, poolMax, 'following') },
    starvesAt: findStarvingAt(jobs, poolMax),
  };
}

/** Without a question: each of the findings that hold the most, and a pool of twice the size. The most helpful first. */
function propose(analysis: Analysis, pool: Pool, answer: (poolMax: number | null, findings: readonly Finding[]) => Answer): Answer[] {
  const holders = analysis.report.findings.filter(({ evidence, severity }) => evidence.shareOfUse !== null && severity !== 'note').toSorted((a, b) => (b.evidence.shareOfUse ?? 0) - (a.evidence.shareOfUse ?? 0));
  const answers = [...holders.slice(0, MOST_PROPOSALS).map((finding) => answer(null, [finding])), answer(pool.max * 2, [])];
  return answers.toSorted((a, b) => (b.starvesAt ?? Infinity) - (a.starvesAt ?? Infinity));
}

function describeRecorded({ report }: Analysis, pool: Pool, jobs: readonly RecordedJob[]): WhatIf['recorded'] {
  const waits = jobs.map(({ waitMs }) => waitMs);
  const [first, last] = [jobs[0]?.requestedMs ?? 0, jobs.reduce((end, { endedMs }) => Math.max(end, endedMs), 0)];
  return {
    wait: percentiles(waits),
    waitedShare: waits.filter((ms) => ms >= WAITED_MS).length / Math.max(1, waits.length),
    checkoutsPerSecond: jobs.length / Math.max(0.001, (last - first) / 1000),
    pendingMax: report.pools.find(({ id }) => id === pool.id)?.pendingMax ?? 0,
    heldMs: jobs.reduce((sum, { holdMs }) => sum + holdMs, 0),
  };
}
