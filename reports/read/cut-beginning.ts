import { NONE, QUERY, type CheckoutDraft } from './checkout-draft.js';

/**
 * The first files of a trace may have been deleted. What is left knows of a checkout that was open then that it was, and its
 * latest statement: no time of before is real, so all begin with what is left.
 */
export function cutBeginning(draft: CheckoutDraft, fromMs: number): void {
  const cutMs = fromMs - draft.t;
  if (cutMs <= 0) return;
  draft.t = fromMs;
  if (draft.useMs !== NONE) draft.useMs = rest(draft.useMs, cutMs - Math.max(0, draft.waitMs));
  if (draft.waitMs !== NONE) draft.waitMs = rest(draft.waitMs, cutMs);
  const { queries, queryEnd, gaps, running } = draft;
  for (let at = 0; at < queryEnd; at += QUERY.size) {
    const startMs = queries[at + QUERY.startMs] as number;
    queries[at + QUERY.startMs] = rest(startMs, cutMs);
    queries[at + QUERY.ms] = rest(queries[at + QUERY.ms] as number, cutMs - startMs);
  }
  for (const gap of gaps ?? []) for (const span of [gap, ...gap.waits]) cutSpan(span, cutMs);
  if (running) running[1] = rest(running[1], cutMs);
}

function cutSpan(span: { t: number; ms: number }, cutMs: number): void {
  span.ms = rest(span.ms, cutMs - span.t);
  span.t = rest(span.t, cutMs);
}

/** To microseconds, as in the trace. */
function rest(ms: number, cutMs: number): number {
  return Math.max(0, Math.round((ms - Math.max(0, cutMs)) * 1000) / 1000);
}
