/** The configuration that `lifeguard init` writes: every key, explained, with an example where there is no default. */
import { LIMIT_NAMES, LIMIT_TEXTS, RULE_SETTINGS, type LimitName } from '../../reports/gate/config.js';
import { RULE_TEXTS } from '../../reports/gate/rule-texts.js';
import { THRESHOLD_TEXTS } from '../../reports/gate/threshold-texts.js';
import { DEFAULT_LIMITS, type Limits } from '../../reports/limits.js';
import { RULE_IDS } from '../../reports/model.js';

const EXAMPLES: Record<LimitName, number> = {
  transactionMaxMs: 2000,
  transactionP99Ms: 500,
  gapMaxMs: 250,
  waitP99Ms: 100,
  idleInTransactionShare: 0.1,
};

/** Everything in it is commented out: as it is written, it changes nothing. */
export function writeTemplate(): string {
  return `// What lifeguard check and lifeguard run fail for: https://www.npmjs.com/package/pg-lifeguard
// Without a line of this, all findings of severity error fail: an await inside a transaction does so at any speed and load.

/** @type {import('pg-lifeguard/config').Config} */
export default {
  // Limits fail when they are exceeded. They depend on the machine and its load: be generous in CI.
  limits: {
${LIMIT_NAMES.map((name) => `    // ${sentence(LIMIT_TEXTS[name])}\n    // ${name}: ${EXAMPLES[name]},`).join('\n')}

    // Other limits for some places: file (from where the run was started, or from here) and function are globs, a place is
    // meant when any frame of the call stack fits both. Of several places the first one that has the limit counts; without
    // one, that of everywhere.
    // places: [
    //   { file: 'src/jobs/**', transactionMaxMs: 60_000 },
    //   { file: 'src/routes/*.js', function: 'create*', gapMaxMs: 50 },
    // ],
  },

  // What a finding is: ${RULE_SETTINGS.map((name) => `'${name}'`).join(', ')}. Only errors fail. Left out: what the rule says itself.
  rules: {
${RULE_IDS.map((id) => `    // ${sentence(RULE_TEXTS[id].title)}\n    // '${id}': 'warning',`).join('\n')}
  },

  // Findings that may stay, by their fingerprint (it stays the same when lines move), and why (required).
  // maxMs: as long as no occurrence takes longer.
  ignore: [
    // { fingerprint: '0123456789abcdef', reason: 'the lock must outlive the request, see docs/locks.md', maxMs: 200 },
  ],

  // Findings that were there already: known ones do not fail, new ones do. lifeguard check --update-baseline writes the
  // file; its path is relative to this one. Left out: lifeguard-baseline.json, if there is one.
  // baseline: 'lifeguard-baseline.json',

  // More occurrences of a known finding than in the baseline: 'allow' says so and passes, 'fail' fails.
  // baselineGrowth: 'allow',

  // Where the lines of the HTML report lead to: an editor (vscode, cursor, windsurf, vscodium, zed, idea, webstorm, sublime,
  // textmate, none, or an address with {file}, {line} and {column}), or the repository. In CI of GitHub and GitLab it is
  // the commit, unless said.
  links: {
    // editor: 'vscode',
    // sourceUrl: 'https://github.com/you/shop/blob/main/{file}#L{line}',
  },

  // From which numbers on the rules speak, in milliseconds unless said; these are the defaults.
  thresholds: {
${(Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]).map((name) => `    // ${THRESHOLD_TEXTS[name]}.\n    // ${name}: ${DEFAULT_LIMITS[name]},`).join('\n')}
  },
};
`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
