import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PageData } from '../page-data.js';
import { ACTIVITY_KINDS, ACTIVITY_NAMES } from './activity.js';
import { Details } from './details.js';
import { drawTimeline } from './draw-timeline.js';
import { formatCount, formatMoment, formatMs } from './format.js';
import type { PoolModel } from './model.js';
import { drawOverlay } from './draw-overlay.js';
import { readPalette } from './palette.js';
import { createScene, layoutFor } from './scene.js';
import { SearchBox } from './search-box.js';
import { searchPool } from './search.js';
import { onColours } from './theme.js';
import { attachPointer, keyAction, pan, zoom, type Hover } from './timeline-input.js';
import { Tooltip } from './tooltip.js';
import { useView, isWhole, type ViewStore } from './view.js';
import { VisibleTable } from './visible-table.js';

interface Props {
  data: PageData;
  pool: PoolModel;
  pools: readonly PoolModel[];
  store: ViewStore;
}

/** One lane a connection: what held it, when, and for what. */
export function Timeline({ data, pool, pools, store }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scene = useMemo(() => createScene(pool), [pool]);
  const { search } = useView(store, ['search'], 60);
  const matches = useMemo(() => (search.trim() === '' ? null : searchPool(data, pool, search)), [data, pool, search]);
  const found = useRef<Uint8Array | null>(null);
  const repaint = useRef<() => void>(() => undefined);
  const [hover, setHover] = useState<Hover | null>(null);
  const hovered = useRef<Hover | null>(null);
  useEffect(() => {
    const target = canvas.current;
    const ctx = target?.getContext('2d') ?? null;
    const parent = target?.parentElement ?? null;
    if (target === null || ctx === null || parent === null) return undefined;
    let palette = readPalette(target);
    let layout = layoutFor(parent.clientWidth, pool.lanes.length);
    let frame = 0;
    // What lies under the pointer's marks is drawn only when it is another: a pointer moves more often than a range.
    const base = document.createElement('canvas');
    const baseCtx = base.getContext('2d');
    if (baseCtx === null) return undefined;
    let drawn: readonly unknown[] = [];
    const paint = (): void => {
      frame = 0;
      const started = performance.now();
      const view = store.get();
      const ratio = devicePixelRatio;
      const [width, height] = [Math.round(layout.width * ratio), Math.round(layout.height * ratio)];
      // On its way out of the page it has no size any more.
      if (width === 0 || height === 0) return;
      if (target.width !== width || target.height !== height) {
        target.width = base.width = width;
        target.height = base.height = height;
        target.style.height = `${layout.height}px`;
      }
      const wanted = [view.fromMs, view.toMs, layout, palette, found.current, ratio];
      if (wanted.some((value, i) => value !== drawn[i])) {
        drawn = wanted;
        baseCtx.setTransform(ratio, 0, 0, ratio, 0, 0);
        target.dataset['shapes'] = String(drawTimeline(baseCtx, scene, layout, view, data, palette, found.current));
      }
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, width, height);
      ctx.drawImage(base, 0, 0);
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawOverlay(ctx, scene, layout, view, data, palette, hovered.current?.checkout ?? -1);
      target.dataset['drawMs'] = (performance.now() - started).toFixed(1);
    };
    const schedule = (): void => {
      if (frame === 0) frame = requestAnimationFrame(paint);
    };
    repaint.current = schedule;
    const resize = new ResizeObserver(() => {
      layout = layoutFor(parent.clientWidth, pool.lanes.length);
      schedule();
    });
    resize.observe(parent);
    const stopColours = onColours(() => {
      palette = readPalette(target);
      // At once: a printer does not wait for the next frame.
      paint();
    });
    const stopView = store.subscribe(schedule);
    const stopPointer = attachPointer(target, scene, () => layout, store, (next) => {
      hovered.current = next;
      setHover(next);
      schedule();
    });
    paint();
    return () => {
      cancelAnimationFrame(frame);
      resize.disconnect();
      stopColours();
      stopView();
      stopPointer();
    };
  }, [data, pool, store, scene]);
  useEffect(() => {
    found.current = matches?.flags ?? null;
    repaint.current();
  }, [matches]);
  return (
    <section id="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">Connections, one lane each</h2>
      <Toolbar store={store} />
      <SearchBox data={data} pool={pool} pools={pools} store={store} matches={matches} />
      <Shown pool={pool} />
      <div class="lanes">
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-roledescription="timeline"
          aria-label={`Timeline of ${formatCount(pool.lanes.length)} connections`}
          aria-describedby="timeline-keys"
          onKeyDown={(event) => {
            if (keyAction(event.key, scene, store)) event.preventDefault();
          }}
        />
        {hover !== null && <Tooltip data={data} pool={pool} hover={hover} />}
      </div>
      <ul class="legend">
        {ACTIVITY_KINDS.map((kind) => (
          <li key={kind}>
            <i class={`swatch fill-${kind}`} aria-hidden="true" />
            {ACTIVITY_NAMES[kind]}
          </li>
        ))}
        <li>
          <i class="swatch fill-transaction" aria-hidden="true" />
          Transaction open (bar below)
        </li>
        <li>
          <i class="swatch fill-pending" aria-hidden="true" />
          Requests waiting (top)
        </li>
        {pool.page.blocked.length > 0 && (
          <li>
            <i class="swatch fill-blocked" aria-hidden="true" />
            Event loop blocked
          </li>
        )}
      </ul>
      <p id="timeline-keys" class="quiet keys">
        Drag to move, wheel to zoom, click a checkout for its details. Keys: <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>←</kbd> <kbd>→</kbd> move, <kbd>0</kbd> everything, <kbd>,</kbd> <kbd>.</kbd> the checkout before and after,{' '}
        <kbd>↑</kbd> <kbd>↓</kbd> another lane, <kbd>Esc</kbd> none.
      </p>
      <Details data={data} pool={pool} store={store} />
      <VisibleTable data={data} pool={pool} store={store} />
    </section>
  );
}

function Toolbar({ store }: { store: ViewStore }) {
  const { fromMs, toMs } = useView(store, ['fromMs', 'toMs']);
  const step = (toMs - fromMs) / 100;
  return (
    <div class="toolbar" role="toolbar" aria-label="Timeline" data-from={fromMs.toFixed(3)} data-to={toMs.toFixed(3)}>
      <button type="button" aria-label="Zoom in" onClick={() => zoom(store, 0.5)}>
        +
      </button>
      <button type="button" aria-label="Zoom out" onClick={() => zoom(store, 2)} disabled={isWhole(store)}>
        −
      </button>
      <button type="button" aria-label="Earlier" onClick={() => pan(store, -0.25)} disabled={fromMs <= 0}>
        ←
      </button>
      <button type="button" aria-label="Later" onClick={() => pan(store, 0.25)} disabled={toMs >= store.endMs}>
        →
      </button>
      <button type="button" onClick={() => store.set({ fromMs: 0, toMs: store.endMs })} disabled={isWhole(store)}>
        Fit
      </button>
      <span class="range">
        {formatMoment(fromMs, step)} to {formatMoment(toMs, step)} <span class="quiet">({formatMs(toMs - fromMs)})</span>
      </span>
    </div>
  );
}

/** Says what is drawn when not everything is. */
function Shown({ pool }: { pool: PoolModel }) {
  const { timeline } = pool.page;
  if (timeline.shown === timeline.total) return null;
  return (
    <p class="shown">
      {formatCount(timeline.shown)} of {formatCount(timeline.total)} checkouts are drawn one by one: the longest of each stretch of time on each connection, and every example of a finding. The rest is added up in blocks of{' '}
      {formatMs(timeline.bucketUs / 1000)}, drawn paler.{timeline.hiddenLanes > 0 && ` ${formatCount(timeline.hiddenLanes)} more lanes are left out.`}
    </p>
  );
}
