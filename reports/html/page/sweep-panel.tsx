import type { PageSweepStep } from '../page-sweep.js';

export interface PanelProps {
  steps: readonly PageSweepStep[];
  width: number;
  firstWaitAt: number | null;
  stopsAt: number | null;
  /** For those who cannot see it. */
  label: string;
  /** `name` picks the colour. */
  lines: readonly { name: string; value: (step: PageSweepStep) => number }[];
  format: (value: number) => string;
}

const HEIGHT = 240;
const LEFT = 58;
const RIGHT = 14;
const TOP = 26;
const BOTTOM = 30;
const TICKS = 4;
/** Labels that are closer to each other than this would touch. */
const LABEL_WIDTH = 26;

/** Lines over the concurrency, whose axis is logarithmic: the steps double. The part in which requests wait is shaded. */
export function SweepPanel({ steps, width, firstWaitAt, stopsAt, label, lines, format }: PanelProps) {
  const answered = steps.filter(({ requests }) => requests > 0);
  if (width === 0 || steps.length === 0) return <div class="sweep-panel" />;
  const first = steps[0]?.concurrency ?? 1;
  const last = steps.at(-1)?.concurrency ?? 1;
  const span = Math.log2(last / first) || 1;
  const x = (concurrency: number): number => LEFT + (Math.log2(concurrency / first) / span) * (width - LEFT - RIGHT);
  const top = roundUp(Math.max(0, ...answered.flatMap((step) => lines.map(({ value }) => value(step)))));
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const waitX = firstWaitAt === null ? null : edge(x, steps, firstWaitAt);
  return (
    <svg class="sweep-panel" width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
      {waitX !== null && <rect class="sweep-waiting" x={waitX} y={TOP} width={Math.max(0, width - RIGHT - waitX)} height={HEIGHT - TOP - BOTTOM} />}
      {Array.from({ length: TICKS + 1 }, (_, i) => (top * i) / TICKS).map((value) => (
        <g key={value}>
          <line class="sweep-grid" x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
          <text class="sweep-tick" x={LEFT - 8} y={y(value) + 4} text-anchor="end">
            {format(value)}
          </text>
        </g>
      ))}
      {spread(steps.map(({ concurrency }) => concurrency), x, firstWaitAt).map((concurrency) => (
        <text key={concurrency} class={concurrency === firstWaitAt ? 'sweep-tick sweep-first' : 'sweep-tick'} x={x(concurrency)} y={HEIGHT - BOTTOM + 18} text-anchor="middle">
          {concurrency}
        </text>
      ))}
      {waitX !== null && (
        <text class="sweep-note" x={waitX > width / 2 ? waitX - 6 : waitX + 6} y={TOP - 9} text-anchor={waitX > width / 2 ? 'end' : 'start'}>
          from {firstWaitAt} on, requests wait
        </text>
      )}
      {waitX !== null && <line class="sweep-edge" x1={waitX} x2={waitX} y1={TOP - 18} y2={HEIGHT - BOTTOM} />}
      {stopsAt !== null && (
        <path class="sweep-stop" d={`M${x(stopsAt) - 6} ${HEIGHT - BOTTOM - 14}l12 12m0 -12l-12 12`}>
          <title>{stopsAt} at a time: no answer any more</title>
        </path>
      )}
      {lines.map(({ name, value }) => (
        <g key={name} class={`sweep-line-${name}`}>
          <polyline points={answered.map((step) => `${x(step.concurrency).toFixed(1)},${y(value(step)).toFixed(1)}`).join(' ')} />
          {answered.map((step) => (
            <circle key={step.concurrency} cx={x(step.concurrency)} cy={y(value(step))} r="3.5">
              <title>
                {step.concurrency} at a time: {format(value(step))}
              </title>
            </circle>
          ))}
        </g>
      ))}
    </svg>
  );
}

/** Between the last step without waiting and the first with it. */
function edge(x: (concurrency: number) => number, steps: readonly PageSweepStep[], firstWaitAt: number): number {
  const before = steps.findLast(({ concurrency }) => concurrency < firstWaitAt)?.concurrency;
  return before === undefined ? x(firstWaitAt) : (x(before) + x(firstWaitAt)) / 2;
}

/** Those that have room; the first at which requests wait before all others, then the ends. */
function spread(concurrencies: readonly number[], x: (concurrency: number) => number, firstWaitAt: number | null): number[] {
  const shown: number[] = [];
  const wanted = [...(firstWaitAt === null ? [] : [firstWaitAt]), concurrencies[0] ?? 1, concurrencies.at(-1) ?? 1, ...concurrencies.filter((one) => Number.isInteger(Math.log2(one))), ...concurrencies];
  for (const one of wanted) if (shown.every((other) => Math.abs(x(other) - x(one)) >= LABEL_WIDTH)) shown.push(one);
  return shown;
}

/** 1, 2, 4, 6 or 8 times a power of ten: quarters of it are round, too. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10].find((times) => times * unit >= value) ?? 10) * unit;
}
