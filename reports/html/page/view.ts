import { useEffect, useState } from 'preact/hooks';

/** What the reader looks at; the parts of the page share it. */
export interface View {
  pool: number;
  /** Milliseconds on the run's clock. */
  fromMs: number;
  toMs: number;
  /** Position of the selected checkout in its pool, or -1. */
  selected: number;
  /** The moment under the pointer in one of the charts, or null. */
  hoverMs: number | null;
  /** What the timeline is searched for; "": nothing. */
  search: string;
}

export interface ViewStore {
  readonly endMs: number;
  get(): View;
  set(change: Partial<View>): void;
  subscribe(listener: () => void): () => void;
}

/** The shortest time that the timeline shows: ten microseconds. */
const MIN_SPAN_MS = 0.01;

export function createViewStore(endMs: number, pool: number): ViewStore {
  let view: View = { pool, fromMs: 0, toMs: endMs, selected: -1, hoverMs: null, search: '' };
  const listeners = new Set<() => void>();
  return {
    endMs,
    get: () => view,
    set(change) {
      const next = { ...view, ...change };
      const span = Math.min(Math.max(next.toMs - next.fromMs, Math.min(MIN_SPAN_MS, endMs)), endMs);
      next.fromMs = Math.min(Math.max(0, next.fromMs), endMs - span);
      next.toMs = next.fromMs + span;
      const changed = (Object.keys(next) as (keyof View)[]).some((key) => next[key] !== view[key]);
      view = next;
      if (changed) for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function isWhole(store: ViewStore): boolean {
  const { fromMs, toMs } = store.get();
  return toMs - fromMs >= store.endMs * 0.9999;
}

/** Some fields of the view, kept up to date: only they make a component draw itself again. `restMs`: once they have not changed for so long. */
export function useView<K extends keyof View>(store: ViewStore, fields: readonly K[], restMs = 0): Pick<View, K> {
  const [view, setView] = useState<View>(store.get());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Keeps the old object, and so draws nothing, when no field of interest has changed.
    const update = (): void => setView((old) => (fields.every((field) => old[field] === store.get()[field]) ? old : store.get()));
    const unsubscribe = store.subscribe(() => {
      if (restMs === 0) {
        update();
        return;
      }
      clearTimeout(timer);
      timer = setTimeout(update, restMs);
    });
    update();
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [store, restMs, fields.join()]);
  return view;
}
