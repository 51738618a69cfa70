/** How a gap is written: the waits that explain it, each with what was awaited and where. */
import type { RawGap, RawWait, WaitKind } from '../trace/events.js';
import { round } from '../recorder/recorder.js';
import type { Checkout } from './checkouts.js';
import { callOf } from './http-calls.js';
import { OPERATION, WAIT_OF_OPERATION } from './operation-kinds.js';
import type { Operation } from './operations.js';
import type { Captured, Stacks } from './stacks.js';
import type { Waited } from './waker.js';

export function describeGap(stacks: Stacks, checkout: Checkout, now: number, waits: readonly Waited[], ended: Captured | null): RawGap {
  const { gapStart, requestedAt } = checkout;
  const gap: RawGap = {
    t: round(gapStart - requestedAt),
    ms: round(now - gapStart),
    waits: waits.map((wait) => describeWait(stacks, checkout, wait)),
  };
  const endedId = stacks.idOf(ended);
  if (endedId !== 0) gap.ended = endedId;
  return gap;
}

/** A gap that has not ended: what its flow started last is what it most likely waits for. */
export function describeOpenGap(stacks: Stacks, checkout: Checkout, now: number): RawGap {
  const { gapStart, requestedAt, lastStarted } = checkout;
  const gap: RawGap = { t: round(gapStart - requestedAt), ms: round(now - gapStart), waits: [], open: true };
  if (lastStarted === null || lastStarted.createdAt.at < gapStart) return gap;
  const startMs = lastStarted.createdAt.at;
  const call = callOf(checkout.httpCalls, startMs, now);
  const wait: RawWait = { t: round(startMs - requestedAt), ms: round(now - startMs), kind: call === null ? WAIT_OF_OPERATION[lastStarted.kind] : 'http' };
  if (call !== null) wait.detail = call.detail;
  const started = stacks.idOf(lastStarted.captured);
  if (started !== 0) wait.started = started;
  gap.waits.push(wait);
  return gap;
}

function describeWait(stacks: Stacks, checkout: Checkout, wait: Waited): RawWait {
  const { kind, detail } = describeLeaf(checkout, wait);
  const raw: RawWait = { t: round(wait.startMs - checkout.requestedAt), ms: round(wait.endMs - wait.startMs), kind };
  if (detail !== '') raw.detail = detail;
  // A helper's own timers and sockets may have been started where no frame of the application is left on the stack.
  const started = stacks.idOf(wait.started.find((captured) => stacks.isInApplication(captured)) ?? wait.started[0] ?? null);
  const awaited = stacks.idOf(wait.awaited);
  if (started !== 0) raw.started = started;
  if (awaited !== 0) raw.awaited = awaited;
  if (wait.foreign) raw.foreign = true;
  return raw;
}

function describeLeaf(checkout: Checkout, wait: Waited): { kind: WaitKind; detail: string } {
  const { leaf } = wait;
  const kind = WAIT_OF_OPERATION[leaf.kind];
  if (kind === 'socket' || kind === 'http' || kind === 'dns' || kind === 'unknown') {
    const call = callOf(checkout.httpCalls, wait.startMs, wait.endMs);
    if (call !== null) return { kind: 'http', detail: call.detail };
  }
  return { kind, detail: detailOf(leaf) };
}

/** What node's object says of itself. Never more than a name: a path or a payload may be anything. */
function detailOf(leaf: Operation): string {
  const resource = leaf.resource as { _idleTimeout?: unknown; hostname?: unknown; statementText?: unknown } | null;
  if (resource === null) return '';
  if (leaf.kind === OPERATION.timer && typeof resource._idleTimeout === 'number' && resource._idleTimeout > 0) return `${Math.round(resource._idleTimeout)} ms`;
  if (leaf.kind === OPERATION.dns && typeof resource.hostname === 'string') return resource.hostname;
  if (leaf.kind === OPERATION.statement && typeof resource.statementText === 'string') return resource.statementText;
  return '';
}
