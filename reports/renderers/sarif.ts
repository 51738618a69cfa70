import { LIMIT_NAMES, LIMIT_TEXTS } from '../gate/config.js';
import type { LimitCheck, Standing } from '../gate/model.js';
import { RULE_TEXTS } from '../gate/rule-texts.js';
import { standings, type JudgedFinding } from '../gate/standings.js';
import { RULE_IDS, type Analysis, type CallSite, type Report } from '../model.js';
import { sayPlace } from '../words.js';
import type { RenderOptions } from './index.js';
import { describeFinding } from './describe-finding.js';
import { describeRules, limitRuleId } from './sarif-rules.js';
import { folderUri, locationOf } from './sarif-locations.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const HOME = 'https://www.npmjs.com/package/pg-lifeguard';

type Locate = (site: CallSite) => object;

/** SARIF 2.1.0, for code scanning. Paths are relative to `root` (SRCROOT), else to the run's cwd. */
export function renderSarif(analysis: Analysis, { root }: Pick<RenderOptions, 'root'> = {}): string {
  const { report, gate, sources } = analysis;
  const { cwd } = report.run;
  const base = root ?? cwd;
  const locate: Locate = (site) => locationOf(site, cwd, base, sources.get(sayPlace(site)));
  const exceeded = (gate?.limits ?? []).filter((check) => check.exceeded);
  const compared = typeof gate?.baseline === 'string';
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: report.tool.name, version: report.tool.version, semanticVersion: report.tool.version, informationUri: HOME, rules: describeRules() } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { uri: folderUri(base), description: { text: 'The root of the source tree' } } },
        invocations: [describeInvocation(report)],
        results: [
          ...standings(analysis).map((judged) => describeResult(judged, locate, compared)),
          ...exceeded.map((check) => describeLimit(check, locate, compared)),
        ],
        properties: { verdict: report.verdict, summary: report.summary },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function describeInvocation({ run, missing }: Report): object {
  return {
    executionSuccessful: true,
    startTimeUtc: run.startedAt,
    endTimeUtc: new Date(Date.parse(run.startedAt) + run.durationMs).toISOString(),
    ...(missing.length > 0 && { toolExecutionNotifications: missing.map((text) => ({ level: 'warning', message: { text } })) }),
  };
}

function describeResult({ finding, standing, reason, fails }: JudgedFinding, locate: Locate, compared: boolean): object {
  const { rule, severity, title, advice, callSite, frames, fingerprint, count, totalMs, maxMs, evidence } = finding;
  const text = `${endSentence(title)} ${advice}`;
  return {
    ruleId: rule,
    ruleIndex: RULE_IDS.indexOf(rule),
    level: severity,
    kind: 'fail',
    message: { text, markdown: `**${escapeMarkdown(endSentence(title))}**\n\n${escapeMarkdown(advice)}` },
    ...(callSite !== null && { locations: [locate(callSite)] }),
    ...(frames.length > 1 && { stacks: [{ message: { text: 'Where the program came from, innermost first' }, frames: frames.map((frame) => ({ location: locate(frame) })) }] }),
    partialFingerprints: { 'pgLifeguard/v1': fingerprint },
    ...(compared && { baselineState: STATES[standing] }),
    ...(SUPPRESSED[standing] && !fails && { suppressions: [{ kind: 'external', status: 'accepted', justification: reason }] }),
    occurrenceCount: count,
    properties: { title: RULE_TEXTS[rule].title, totalMs, maxMs, shareOfUse: evidence.shareOfUse, statements: evidence.statements, details: describeFinding(finding) },
  };
}

const STATES: Record<Standing, string> = { new: 'new', known: 'unchanged', grown: 'updated', ignored: 'unchanged', 'over-budget': 'updated' };
const SUPPRESSED: Record<Standing, boolean> = { new: false, known: false, grown: false, ignored: true, 'over-budget': false };

function describeLimit({ limit, scope, title, callSite, allowed, measured }: LimitCheck, locate: Locate, compared: boolean): object {
  return {
    ruleId: limitRuleId(limit),
    ruleIndex: RULE_IDS.length + LIMIT_NAMES.indexOf(limit),
    level: 'error',
    kind: 'fail',
    message: { text: endSentence(title) },
    ...(callSite !== null && { locations: [locate(callSite)] }),
    partialFingerprints: { 'pgLifeguard/v1': `${limit} ${scope}` },
    ...(compared && { baselineState: 'new' }),
    properties: { about: LIMIT_TEXTS[limit], allowed, measured },
  };
}

function endSentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|]/g, String.raw`\$&`);
}
