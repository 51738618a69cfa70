/** The gate as the commands use it: configuration and baseline, and what they make of an analysis. */
import { dirname } from 'node:path';
import type { InferredOptionTypes, Options } from 'yargs';
import type { AnalyseOptions } from '../../reports/analyse.js';
import type { Limits } from '../../reports/limits.js';
import type { Analysis } from '../../reports/model.js';
import type { Baseline } from '../../reports/gate/baseline.js';
import { ToolError } from '../errors.js';
import { shortPath } from '../record/trace-directory.js';
import type { BaselineFile } from './baseline-file.js';
import type { LoadedConfig } from './config-file.js';
import type { LinkWishes } from './links.js';

const GROUP = 'Gate:';

export const CONFIG_OPTIONS = {
  config: { type: 'string', requiresArg: true, group: GROUP, describe: 'Configuration; lifeguard init writes one', defaultDescription: 'lifeguard.config.{json,js,mjs,ts} here or above' },
} as const satisfies Record<string, Options>;

export const GATE_OPTIONS = {
  ...CONFIG_OPTIONS,
  baseline: { type: 'string', requiresArg: true, group: GROUP, describe: 'Known findings, which do not fail', defaultDescription: 'lifeguard-baseline.json, if there is one' },
} as const satisfies Record<string, Options>;

export const UPDATE_OPTION = {
  'update-baseline': { type: 'boolean', group: GROUP, describe: 'Write what was found into the baseline' },
} as const satisfies Record<string, Options>;

export interface OpenGate {
  /** What the configuration says about links in the HTML report. */
  links: LinkWishes;
  analyseOptions: AnalyseOptions;
  /** Applies the configured severities, and judges. */
  judge(analysis: Analysis): Analysis;
  /** Makes all that counts known; a line that says what changed. */
  updateBaseline(analysis: Analysis): Promise<string>;
}

interface GateArguments extends InferredOptionTypes<typeof CONFIG_OPTIONS> {
  baseline?: string | undefined;
  'update-baseline'?: boolean | undefined;
}

/**
 * Reads what the gate goes by.
 * @throws ToolError for a mistake in it, so call it before anything costly is done.
 */
export async function openGate(args: GateArguments): Promise<OpenGate> {
  const [{ loadConfig }, files, { applyRules }, { judgeGate }] = await Promise.all([
    import('./config-file.js'),
    import('./baseline-file.js'),
    import('../../reports/gate/apply-rules.js'),
    import('../../reports/gate/judge.js'),
  ]);
  const loaded: LoadedConfig = await loadConfig(args.config);
  const { config } = loaded;
  const file: BaselineFile = files.findBaseline(args.baseline, loaded);
  let baseline: Baseline | null = files.readBaseline(file, args['update-baseline'] === true);
  return {
    links: config.links ?? {},
    analyseOptions: { limits: definedOnly(config.thresholds ?? {}) },
    judge(analysis) {
      const applied = applyRules(analysis, config.rules);
      return { ...applied, gate: judgeGate(applied, config, baseline, loaded.file === null ? null : dirname(loaded.file)) };
    },
    async updateBaseline({ report }) {
      if (report.missing.length > 0 && report.pools.every(({ checkouts }) => checkouts === 0)) throw new ToolError(`the baseline was not written: ${report.missing.join('; ')}`);
      const { entriesOf } = await import('../../reports/gate/baseline.js');
      const before = new Set(baseline?.entries.map(({ fingerprint }) => fingerprint));
      const entries = entriesOf(report, new Set(config.ignore?.map(({ fingerprint }) => fingerprint)));
      const kept = entries.filter(({ fingerprint }) => before.has(fingerprint)).length;
      baseline = files.saveBaseline(file.path, entries);
      return `${shortPath(file.path)}: ${entries.length - kept} added, ${before.size - kept} removed, ${kept} kept`;
    },
  };
}

function definedOnly(thresholds: { [Name in keyof Limits]?: number | undefined }): Partial<Limits> {
  return Object.fromEntries(Object.entries(thresholds).filter(([, value]) => value !== undefined));
}
