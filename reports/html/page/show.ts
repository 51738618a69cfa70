import type { ViewStore } from './view.js';

/** Brings a time, and a checkout if there is one, into the timeline, and the timeline into view. */
export function showInTimeline(store: ViewStore, { pool, checkout, startMs, ms }: { pool: number; checkout: number; startMs: number; ms: number }): void {
  const margin = Math.max(ms * 0.75, 0.5);
  store.set({ pool: pool < 0 ? store.get().pool : pool, fromMs: startMs - margin, toMs: startMs + ms + margin, selected: checkout });
  const timeline = document.getElementById('timeline');
  timeline?.scrollIntoView();
  timeline?.querySelector('canvas')?.focus({ preventScroll: true });
}
