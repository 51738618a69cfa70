import { at } from '../element.js';
import { checkoutAt, laneAt, type Layout, type Scene } from './scene.js';
import { isWhole, type ViewStore } from './view.js';

/** What the pointer is over; `x` and `y` from the canvas's corner. */
export interface Hover {
  x: number;
  y: number;
  width: number;
  ms: number;
  lane: number;
  checkout: number;
}

/** Multiplies the visible time by `factor`, keeping the moment at `share` of the width in its place. */
export function zoom(store: ViewStore, factor: number, share = 0.5): void {
  const { fromMs, toMs } = store.get();
  const span = Math.min(store.endMs, Math.max(0.01, (toMs - fromMs) * factor));
  const from = fromMs + (toMs - fromMs - span) * share;
  store.set({ fromMs: from, toMs: from + span });
}

/** Moves by a share of the visible time. */
export function pan(store: ViewStore, share: number): void {
  const { fromMs, toMs } = store.get();
  const by = (toMs - fromMs) * share;
  store.set({ fromMs: fromMs + by, toMs: toMs + by });
}

/** Does what the key stands for; false when it stands for nothing. */
export function keyAction(key: string, { pool }: Scene, store: ViewStore): boolean {
  switch (key) {
    case '+':
    case '=':
      zoom(store, 0.5);
      return true;
    case '-':
    case '_':
      zoom(store, 2);
      return true;
    case 'ArrowLeft':
      pan(store, -0.2);
      return true;
    case 'ArrowRight':
      pan(store, 0.2);
      return true;
    case '0':
    case 'Home':
      store.set({ fromMs: 0, toMs: store.endMs });
      return true;
    case 'Escape':
      store.set({ selected: -1 });
      return true;
    case ',':
    case '.':
      select(pool, store, 0, key === '.' ? 1 : -1);
      return true;
    case 'ArrowUp':
    case 'ArrowDown':
      select(pool, store, key === 'ArrowDown' ? 1 : -1, 0);
      return true;
    default:
      return false;
  }
}

/** Selects the next checkout of the lane, or the one at the same time in another lane; brings it into view. */
function select(pool: Scene['pool'], store: ViewStore, lanes: number, steps: number): void {
  const { selected, fromMs, toMs } = store.get();
  const middle = (fromMs + toMs) / 2;
  const here = selected >= 0 ? at(pool.lane, selected) : 0;
  const lane = Math.min(pool.lanes.length - 1, Math.max(0, selected < 0 ? 0 : here + lanes));
  const list = pool.lanes[lane];
  if (list === undefined || list.length === 0) return;
  const next = selected >= 0 && lanes === 0 ? list[list.indexOf(selected) + steps] : checkoutAt(pool, lane, selected < 0 ? middle : at(pool.acquired, selected), Infinity);
  if (next === undefined || next < 0) return;
  const [start, end] = [at(pool.acquired, next), at(pool.ended, next)];
  const span = Math.max(toMs - fromMs, (end - start) * 1.2);
  const visible = start >= fromMs && end <= toMs;
  store.set({ selected: next, ...(visible ? {} : { fromMs: (start + end - span) / 2, toMs: (start + end + span) / 2 }) });
}

/** Drag, wheel, pinch, hover and click. Returns how to stop. */
export function attachPointer(canvas: HTMLCanvasElement, scene: Scene, layoutOf: () => Layout, store: ViewStore, onHover: (hover: Hover | null) => void): () => void {
  const pointers = new Map<number, number>();
  let dragged = 0;
  let pinch = 0;
  const locate = (event: MouseEvent): Hover => {
    const box = canvas.getBoundingClientRect();
    const layout = layoutOf();
    const { fromMs, toMs } = store.get();
    const perPx = (toMs - fromMs) / (layout.width - layout.gutter);
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const ms = fromMs + (x - layout.gutter) * perPx;
    const lane = laneAt(layout, scene.pool.lanes.length, y);
    return { x, y, width: layout.width, ms, lane, checkout: lane < 0 || x < layout.gutter ? -1 : checkoutAt(scene.pool, lane, ms, perPx * 3) };
  };
  const shareOf = (clientX: number): number => {
    const { gutter, width } = layoutOf();
    return Math.min(1, Math.max(0, (clientX - canvas.getBoundingClientRect().left - gutter) / (width - gutter)));
  };
  const handlers = {
    pointerdown(event: PointerEvent) {
      pointers.set(event.pointerId, event.clientX);
      dragged = 0;
      pinch = 0;
      canvas.setPointerCapture(event.pointerId);
    },
    pointermove(event: PointerEvent) {
      const before = pointers.get(event.pointerId);
      if (before === undefined) {
        const hover = locate(event);
        onHover(hover);
        store.set({ hoverMs: hover.x < layoutOf().gutter ? null : Math.min(store.endMs, Math.max(0, hover.ms)) });
        return;
      }
      pointers.set(event.pointerId, event.clientX);
      if (pointers.size === 2) {
        const [a, b] = [...pointers.values()] as [number, number];
        const distance = Math.max(10, Math.abs(a - b));
        if (pinch > 0) zoom(store, pinch / distance, shareOf((a + b) / 2));
        pinch = distance;
        dragged = Infinity;
        return;
      }
      const by = event.clientX - before;
      dragged += Math.abs(by);
      const { gutter, width } = layoutOf();
      if (dragged > 3) {
        onHover(null);
        canvas.classList.add('dragging');
        pan(store, -by / (width - gutter));
      }
    },
    pointerup(event: PointerEvent) {
      pointers.delete(event.pointerId);
      canvas.classList.remove('dragging');
      if (dragged <= 3) store.set({ selected: locate(event).checkout });
    },
    pointercancel(event: PointerEvent) {
      pointers.delete(event.pointerId);
      canvas.classList.remove('dragging');
    },
    pointerleave() {
      onHover(null);
      store.set({ hoverMs: null });
    },
    wheel(event: WheelEvent) {
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        event.preventDefault();
        pan(store, sideways / 1000);
        return;
      }
      // Nothing left to zoom out of: let the page scroll.
      if (event.deltaY > 0 && isWhole(store)) return;
      event.preventDefault();
      zoom(store, Math.exp(Math.max(-1, Math.min(1, event.deltaY / 400))), shareOf(event.clientX));
    },
    dblclick(event: MouseEvent) {
      zoom(store, 0.25, shareOf(event.clientX));
    },
  };
  const names = Object.keys(handlers) as (keyof typeof handlers)[];
  for (const name of names) canvas.addEventListener(name, handlers[name] as EventListener, { passive: false });
  return () => {
    for (const name of names) canvas.removeEventListener(name, handlers[name] as EventListener);
  };
}
