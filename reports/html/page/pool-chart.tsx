import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { lastAtOrBefore } from '../../binary-search.js';
import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { drawMarks } from './chart-marks.js';
import { Episodes } from './episodes.js';
import { formatCount, formatMoment, formatMs, ROUND_STEPS } from './format.js';
import type { PoolModel } from './model.js';
import { Moment } from './moment.js';
import { makePattern } from './patterns.js';
import { exhaustedWithin } from './selection.js';
import { colour, onColours } from './theme.js';
import { isWhole, useView, type ViewStore } from './view.js';

interface Props {
  data: PageData;
  pool: PoolModel;
  store: ViewStore;
}

/** Used, idle and pending over the whole run; dragging over it selects a range, which the rest of the page follows. */
export function PoolChart({ data, pool, store }: Props) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const target = host.current;
    if (target === null) return undefined;
    const made = new uPlot(optionsFor(data, pool, store, target), stack(pool, store.endMs), target);
    const resize = new ResizeObserver(() => made.setSize(sizeOf(target)));
    resize.observe(target);
    let shown = '';
    const follow = store.subscribe(() => {
      // Only when the range is another: while a range is being dragged, uPlot draws it.
      const { fromMs, toMs } = store.get();
      if (shown !== `${fromMs} ${toMs}`) showRange(made, store);
      shown = `${fromMs} ${toMs}`;
    });
    showRange(made, store);
    const leave = (): void => store.set({ hoverMs: null });
    made.over.addEventListener('mouseleave', leave);
    const stopTouch = brushByTouch(made, store);
    const stopColours = onColours(() => made.redraw(false));
    return () => {
      stopColours();
      stopTouch();
      follow();
      resize.disconnect();
      made.destroy();
    };
  }, [data, pool, store]);
  return (
    <>
      <ChartLegend pool={pool} store={store} />
      <div class="chart" ref={host} role="img" aria-label={describeChart(pool)} />
      <Moment data={data} pool={pool} store={store} />
      <Episodes data={data} pool={pool} store={store} />
    </>
  );
}

function describeChart(pool: PoolModel): string {
  const { page, series } = pool;
  const most = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), 0);
  return `Connections over time: up to ${formatCount(Math.ceil(most(series.used)))} used${page.max > 0 ? ` of at most ${page.max}` : ''}, up to ${formatCount(most(series.pending))} requests waiting, no free connection for ${formatMs(exhaustedWithin(pool, 0, Infinity))}.`;
}

function ChartLegend({ pool, store }: { pool: PoolModel; store: ViewStore }) {
  const { hoverMs } = useView(store, ['hoverMs', 'fromMs', 'toMs']);
  const { series } = pool;
  const row = hoverMs === null ? -1 : lastAtOrBefore(series.t, hoverMs);
  const value = (values: Float64Array): string => (row < 0 ? '' : formatCount(Math.round(at(values, row) * 10) / 10));
  return (
    <div class="chart-head">
      <ul class="legend">
        <li>
          <i class="swatch fill-used" aria-hidden="true" />
          used <b class="value">{value(series.used)}</b>
        </li>
        <li>
          <i class="swatch fill-free" aria-hidden="true" />
          idle <b class="value">{value(series.idle)}</b>
        </li>
        <li>
          <i class="swatch fill-pending" aria-hidden="true" />
          waiting <b class="value">{value(series.pending)}</b>
        </li>
        {pool.page.max > 0 && (
          <li>
            <i class="swatch fill-exhausted" aria-hidden="true" />
            no free connection
          </li>
        )}
        {pool.page.blocked.length > 0 && (
          <li>
            <i class="swatch fill-blocked" aria-hidden="true" />
            event loop blocked
          </li>
        )}
      </ul>
      <button type="button" onClick={() => store.set({ fromMs: 0, toMs: store.endMs })} disabled={isWhole(store)} class="reset">
        Show the whole run
      </button>
    </div>
  );
}

/** Used; used and idle; used, idle and pending: each on top of the one before. */
function stack(pool: PoolModel, endMs: number): uPlot.AlignedData {
  const { t, used, idle, pending } = pool.series;
  const last = t.length - 1;
  const x = [0, ...t, endMs];
  const extend = (value: (i: number) => number): number[] => [0, ...Array.from(t, (_, i) => value(i)), last < 0 ? 0 : value(last)];
  return [x, extend((i) => at(used, i) + at(idle, i) + at(pending, i)), extend((i) => at(used, i) + at(idle, i)), extend((i) => at(used, i))];
}

function sizeOf(target: HTMLElement): { width: number; height: number } {
  const width = Math.max(200, Math.floor(target.clientWidth));
  return { width, height: width < 600 ? 220 : 280 };
}

function optionsFor(data: PageData, pool: PoolModel, store: ViewStore, target: HTMLElement): uPlot.Options {
  // Functions: the colours may change while the page is open.
  const ink = (): string => colour('quiet');
  const line = (): string => colour('line');
  const font = `12px ${getComputedStyle(target).fontFamily}`;
  const paths = uPlot.paths.stepped?.({ align: 1 });
  const layer = (stroke: string, fill: () => string | CanvasPattern, width: number): uPlot.Series => ({ stroke: () => colour(stroke), fill, width, points: { show: false }, ...(paths === undefined ? {} : { paths }) });
  const scale = scaleOf(pool);
  return {
    ...sizeOf(target),
    padding: [26, 12, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: true, y: false, setScale: false, dist: 4 }, points: { show: false }, y: false },
    scales: { x: { time: false, range: [0, store.endMs] }, y: { range: [0, scale.top], ...(scale.bend === null ? {} : { distr: CUSTOM, ...scale.bend }) } },
    axes: [
      { stroke: ink, font, grid: { show: false }, ticks: { stroke: line, width: 1, size: 5 }, incrs: ROUND_STEPS, values: (_u, splits, _axis, _space, step) => splits.map((ms) => formatMoment(ms, step)), space: 70 },
      { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false }, size: scale.top >= 1000 ? 58 : 40, ...(scale.splits === null ? {} : { splits: () => scale.splits ?? [], filter: (_u: uPlot, splits: number[]) => splits }), values: (_u, splits) => splits.map((n) => (Number.isInteger(n) ? formatCount(n) : '')) },
    ],
    series: [{}, layer('pending', () => makePattern('pending'), 1), layer('free-edge', () => colour('free'), 1), layer('used', () => colour('used-soft'), 1.5)],
    hooks: {
      drawClear: [(u) => drawMarks(u, data, pool, 'below')],
      draw: [(u) => drawMarks(u, data, pool, 'above')],
      setCursor: [
        (u) => {
          const { left } = u.cursor;
          if (left !== undefined && left >= 0) store.set({ hoverMs: Math.min(store.endMs, Math.max(0, u.posToVal(left, 'x'))) });
        },
      ],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          store.set({ fromMs: u.posToVal(u.select.left, 'x'), toMs: u.posToVal(u.select.left + u.select.width, 'x') });
        },
      ],
    },
  };
}

/** uPlot's name for a scale with functions of its own; the enum itself exists in its types only. */
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment
const CUSTOM: uPlot.Scale.Distr.Custom = 100;

interface YScale {
  top: number;
  /** Where the queue is much longer than the pool is large, both get half of the height: from the pool's size on, steps are larger. */
  bend: { fwd: (value: number) => number; inv: (share: number) => number } | null;
  splits: number[] | null;
}

function scaleOf({ page: { max }, series }: PoolModel): YScale {
  let most = 0;
  for (let i = 0; i < series.t.length; i++) most = Math.max(most, at(series.used, i) + at(series.idle, i) + at(series.pending, i));
  const top = Math.max(max * 1.15, most * 1.08, 1);
  if (max <= 0 || top < max * 4) return { top, bend: null, splits: null };
  const step = niceCount((top - max) / 3);
  const splits = [0, ...(max >= 4 ? [Math.round(max / 2)] : []), max];
  for (let value = Math.ceil((max + step * 0.5) / step) * step; value <= top; value += step) splits.push(value);
  const bend = { fwd: (value: number): number => (value <= max ? value / max : 1 + (value - max) / (top - max)), inv: (share: number): number => (share <= 1 ? share * max : max + (share - 1) * (top - max)) };
  return { top, bend, splits };
}

/** A round number that is at least as large. */
function niceCount(n: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, n)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= n) ?? n;
}

function showRange(u: uPlot, store: ViewStore): void {
  const { fromMs, toMs } = store.get();
  const whole = isWhole(store);
  const left = whole ? 0 : u.valToPos(fromMs, 'x');
  const width = whole ? 0 : Math.max(2, u.valToPos(toMs, 'x') - left);
  u.setSelect({ left, width, top: 0, height: whole ? 0 : u.over.clientHeight }, false);
}

/** uPlot knows the mouse only: a finger that moves sideways selects too. */
function brushByTouch(u: uPlot, store: ViewStore): () => void {
  let from: number | null = null;
  const place = (event: PointerEvent): number => Math.min(store.endMs, Math.max(0, u.posToVal(event.clientX - u.over.getBoundingClientRect().left, 'x')));
  const down = (event: PointerEvent): void => {
    if (event.pointerType !== 'mouse') from = place(event);
  };
  const move = (event: PointerEvent): void => {
    if (from === null) return;
    const to = place(event);
    store.set({ hoverMs: to });
    if (Math.abs(u.valToPos(to, 'x') - u.valToPos(from, 'x')) > 8) store.set({ fromMs: Math.min(from, to), toMs: Math.max(from, to) });
  };
  const up = (): void => {
    from = null;
  };
  u.over.addEventListener('pointerdown', down);
  u.over.addEventListener('pointermove', move);
  window.addEventListener('pointerup', up);
  window.addEventListener('pointercancel', up);
  return () => {
    window.removeEventListener('pointerup', up);
    window.removeEventListener('pointercancel', up);
  };
}
