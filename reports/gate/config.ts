/** The configuration's shape. Messages are what is allowed, to be put behind "expected". */
import * as v from 'valibot';
import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import { RULE_IDS, type RuleId } from '../model.js';

const milliseconds = v.pipe(v.number('milliseconds, a number from 0'), v.minValue(0, 'milliseconds, a number from 0'));
const share = v.pipe(v.number('a share from 0 to 1'), v.minValue(0, 'a share from 0 to 1'), v.maxValue(1, 'a share from 0 to 1'));
const text = (expected: string) => v.pipe(v.string(expected), v.trim(), v.nonEmpty(expected));

/** What can be limited, and in which unit. */
const LIMIT_SCHEMAS = {
  transactionMaxMs: v.optional(milliseconds),
  transactionP99Ms: v.optional(milliseconds),
  gapMaxMs: v.optional(milliseconds),
  waitP99Ms: v.optional(milliseconds),
  idleInTransactionShare: v.optional(share),
};
export type LimitName = keyof typeof LIMIT_SCHEMAS;
export const LIMIT_NAMES = Object.keys(LIMIT_SCHEMAS) as LimitName[];

/** What each limit is about, for documentation. */
export const LIMIT_TEXTS: Record<LimitName, string> = {
  transactionMaxMs: 'the longest transaction',
  transactionP99Ms: '99 of 100 transactions are not longer',
  gapMaxMs: 'the longest time in which a transaction is open and none of its statements runs',
  waitP99Ms: '99 of 100 requests get their connection not later',
  idleInTransactionShare: 'share (0 to 1) of all connection time that is spent idle in transaction',
};

const PLACE = 'a glob: "src/jobs/**", "place*"';
const placeSchema = v.pipe(
  v.strictObject({ file: v.optional(text(PLACE)), function: v.optional(text(PLACE)), ...LIMIT_SCHEMAS }, 'an object with file or function, and limits'),
  v.check(({ file, function: name }) => file !== undefined || name !== undefined, 'file or function (globs) in it, to say which places are meant'),
  v.check((place) => LIMIT_NAMES.some((name) => place[name] !== undefined), `a limit in it: ${LIMIT_NAMES.join(', ')}`),
);

export const RULE_SETTINGS = ['error', 'warning', 'off'] as const;
export type RuleSetting = (typeof RULE_SETTINGS)[number];
const ruleSetting = v.picklist(RULE_SETTINGS, RULE_SETTINGS.map((name) => JSON.stringify(name)).join(', '));

const FINGERPRINT = 'a fingerprint: 16 letters and digits, as reports show them';
const ignoreSchema = v.strictObject(
  {
    fingerprint: v.pipe(v.string(FINGERPRINT), v.regex(/^[0-9a-f]{16}$/, FINGERPRINT)),
    reason: text('the reason why it may stay, in words'),
    maxMs: v.optional(milliseconds),
  },
  'an object: { fingerprint, reason, maxMs? }',
);

export const GROWTHS = ['allow', 'fail'] as const;

/** The same setting for each of these keys, all of them optional. */
function each<Key extends string, Schema extends v.GenericSchema>(keys: readonly Key[], schema: Schema): Record<Key, v.OptionalSchema<Schema, undefined>> {
  return Object.fromEntries(keys.map((key) => [key, v.optional(schema)])) as Record<Key, v.OptionalSchema<Schema, undefined>>;
}

export const CONFIG_SCHEMA = v.strictObject(
  {
    $schema: v.optional(v.string('a URL')),
    limits: v.optional(v.strictObject({ ...LIMIT_SCHEMAS, places: v.optional(v.array(placeSchema, 'a list of places')) }, 'an object')),
    rules: v.optional(v.strictObject(each<RuleId, typeof ruleSetting>(RULE_IDS, ruleSetting), 'an object: { "rule": "error" }')),
    ignore: v.optional(v.array(ignoreSchema, 'a list of { fingerprint, reason }')),
    baseline: v.optional(text('the path of a file')),
    baselineGrowth: v.optional(v.picklist(GROWTHS, GROWTHS.map((name) => JSON.stringify(name)).join(' or '))),
    links: v.optional(v.strictObject({ editor: v.optional(text('the name of an editor, or an address with {file} and {line}')), sourceUrl: v.optional(text('an address that begins with https:// or http://')) }, 'an object: { editor } or { sourceUrl }')),
    thresholds: v.optional(v.strictObject(each(Object.keys(DEFAULT_LIMITS) as (keyof Limits)[], v.pipe(v.number('a number from 0'), v.minValue(0, 'a number from 0'))), 'an object')),
  },
  'an object: { limits, rules, ignore, … }',
);

/** What `lifeguard.config.*` holds. Everything is optional. */
export type Config = v.InferOutput<typeof CONFIG_SCHEMA>;
export type PlaceLimits = v.InferOutput<typeof placeSchema>;
export type Ignore = v.InferOutput<typeof ignoreSchema>;
