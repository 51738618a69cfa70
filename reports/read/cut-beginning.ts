import { NONE, QUERY, type CheckoutDraft } from './checkout-draft.js';

/**
 * The first files of a trace may have been deleted. What is left knows of a checkout that was open then that it was, and its
 * latest statement: no time of before is real, so all begin with what is left.
 */
export function cutBeginning(draft: CheckoutDraft, fromUs: number): void {
  const cutUs = fromUs - draft.tUs;
  if (cutUs <= 0) return;
  draft.tUs = fromUs;
  if (draft.useUs !== NONE) draft.useUs = rest(draft.useUs, cutUs - Math.max(0, draft.waitUs));
  if (draft.waitUs !== NONE) draft.waitUs = rest(draft.waitUs, cutUs);
  const { queries, queryEnd, gaps, running } = draft;
  for (let at = 0; at < queryEnd; at += QUERY.size) {
    const startUs = queries[at + QUERY.startUs] as number;
    queries[at + QUERY.startUs] = rest(startUs, cutUs);
    queries[at + QUERY.us] = rest(queries[at + QUERY.us] as number, cutUs - startUs);
  }
  for (const gap of gaps ?? []) for (const span of [gap, ...gap.waits]) cutSpan(span, cutUs);
  if (running) running[1] = rest(running[1], cutUs);
}

function cutSpan(span: { startUs: number; us: number }, cutUs: number): void {
  span.us = rest(span.us, cutUs - span.startUs);
  span.startUs = rest(span.startUs, cutUs);
}

function rest(us: number, cutUs: number): number {
  return Math.max(0, us - Math.max(0, cutUs));
}
