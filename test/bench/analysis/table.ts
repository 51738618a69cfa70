/** The measurement as Markdown. */
import { spread, type Spread } from '../statistics.js';
import { renderTable } from '../markdown-table.js';
import { ANALYSES, type AnalysisMeasurement, type AnalysisName } from './measure.js';
import type { Usage } from './usage.js';

const RATIO_LIMIT = 2;
const PEAK_LIMIT_BYTES = 300e6;
const HTML_LIMIT_BYTES = 2e6;

const LABELS: Record<AnalysisName, string> = {
  parse: 'JSON.parse of every line, no more',
  json: '`lifeguard report --format json`',
  html: '`lifeguard report --format html`',
  'parse-packed': 'gunzip and JSON.parse of every line',
  'json-packed': '`lifeguard report --format json`, gzipped',
};

export function renderAnalysis({ checkouts, traceBytes, packedBytes, htmlBytes, rounds }: AnalysisMeasurement): string {
  const of = (name: AnalysisName, value: (usage: Usage, bare: Usage) => number): Spread =>
    spread(rounds.map((round) => value(round.get(name) as Usage, round.get(name.endsWith('packed') ? 'parse-packed' : 'parse') as Usage)));
  const ratio = (name: AnalysisName): Spread => of(name, (own, bare) => own.ms / bare.ms);
  const cpuRatio = (name: AnalysisName): Spread => of(name, (own, bare) => own.cpuMs / bare.cpuMs);
  const peak = (name: AnalysisName): number => of(name, ({ peakBytes }) => peakBytes).high;
  const target = (what: string, limit: number, measured: number, say: (value: number) => string): string[] => [what, `≤ ${say(limit)}`, say(measured), measured <= limit ? 'reached' : 'missed'];
  const times = (value: number): string => `${value.toFixed(2)} ×`;
  const megabytes = (value: number): string => `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} MB`;
  return [
    '## Reports of a long recording',
    '',
    `${checkouts.toLocaleString('en')} checkouts in ${megabytes(traceBytes)} (${megabytes(packedBytes)} gzipped); medians of ${rounds.length} interleaved rounds, in brackets the quartiles. Each is a process of its own, its start included.`,
    '',
    ...renderTable(
      ['target', 'limit', 'measured', ''],
      [
        target('JSON report, times JSON.parse', RATIO_LIMIT, ratio('json').median, times),
        target('the same, in CPU seconds', RATIO_LIMIT, cpuRatio('json').median, times),
        target('gzipped', RATIO_LIMIT, ratio('json-packed').median, times),
        target('the same, in CPU seconds', RATIO_LIMIT, cpuRatio('json-packed').median, times),
        target('its memory', PEAK_LIMIT_BYTES, peak('json'), megabytes),
        target('memory of the HTML report', PEAK_LIMIT_BYTES, peak('html'), megabytes),
        target('size of the HTML report', HTML_LIMIT_BYTES, htmlBytes, megabytes),
      ],
    ),
    '',
    ...renderTable(
      ['', 'times JSON.parse', 'in CPU seconds', 'seconds', 'CPU seconds', 'peak memory'],
      ANALYSES.map((name) => [
        LABELS[name],
        name.startsWith('parse') ? '1' : withSpread(ratio(name), 2),
        name.startsWith('parse') ? '1' : withSpread(cpuRatio(name), 2),
        withSpread(of(name, ({ ms }) => ms / 1000), 2),
        withSpread(of(name, ({ cpuMs }) => cpuMs / 1000), 2),
        megabytes(peak(name)),
      ]),
    ),
    '',
  ].join('\n');
}

function withSpread({ median, low, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}
