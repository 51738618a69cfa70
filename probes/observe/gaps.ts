/** How a gap is written: the waits that explain it, each with what was awaited and where. */
import { executionAsyncId } from 'node:async_hooks';
import { round } from '../recorder/recorder.js';
import type { RawGap, RawWait } from '../trace/events.js';
import type { Checkout } from './checkouts.js';
import { OPERATION, WAIT_OF_OPERATION } from './operation-kinds.js';
import { isOneShot, type Operation } from './operation.js';
import { asyncIds } from './operations.js';
import { callOf, type OutgoingCall } from './outgoing-calls.js';
import type { Captured, Stacks } from './stacks.js';
import { stackOf, type Waited } from './waker.js';

export function describeGap(stacks: Stacks, checkout: Checkout, now: number, waits: readonly Waited[], ended: Captured | null): RawGap {
  const { gapStart, requestedAt } = checkout;
  const gap: RawGap = { t: round(gapStart - requestedAt), ms: round(now - gapStart), waits: describeWaits(stacks, checkout, waits) };
  const endedId = stacks.idOf(ended);
  if (endedId !== 0) gap.ended = endedId;
  if (asyncIds !== null) gap.asyncId = executionAsyncId();
  return gap;
}

/** What was written of a gap that has not ended; times as in a RawGap. */
export interface OpenGap {
  readonly start: number;
  describedAt: number;
  readonly waits: RawWait[];
  /** What the last of them waits for, where that is known. */
  pending: Operation | null;
}

/** So many waits of an open gap are kept, the latest ones. */
const MOST_OPEN_WAITS = 8;

/** A gap that has not ended, as far as it has come: it is written again as it goes on, each time with all that is known of it. */
export function describeOpenGap(stacks: Stacks, checkout: Checkout, now: number): RawGap {
  const { gapStart, requestedAt } = checkout;
  if (checkout.openGap?.start !== gapStart) checkout.openGap = { start: gapStart, describedAt: now, waits: [], pending: null };
  const known = checkout.openGap;
  known.describedAt = now;
  const { wait, pending } = openWait(stacks, checkout, now);
  addOpenWait(known, wait, requestedAt);
  known.pending = pending;
  return { t: round(gapStart - requestedAt), ms: round(now - gapStart), waits: known.waits, open: true };
}

/** Adds what a gap waits for now to what it waited for before. What starts at the same place goes on with the same. */
function addOpenWait({ waits, pending }: OpenGap, wait: RawWait | null, requestedAt: number): void {
  while (wait !== null && waits.length > 0 && waits.at(-1)!.t >= wait.t) waits.pop();
  const before = waits.at(-1);
  if (before !== undefined && wait !== null && startsAlike(before, wait)) return extend(before, wait);
  if (before !== undefined) {
    // What still goes on did so up to here, whenever it was looked at last.
    const goesOnTo = wait?.t ?? Number.NaN;
    const endedAt = pending === null || !isOneShot(pending.kind) ? Number.NaN : pending.completedAt === null ? goesOnTo : pending.completedAt.at - requestedAt;
    const end = Math.min(Number.isNaN(endedAt) ? before.t + before.ms : endedAt, wait?.t ?? Infinity);
    before.ms = round(Math.max(0, end - before.t));
  }
  if (wait === null) return;
  if (waits.length === MOST_OPEN_WAITS) waits.shift();
  waits.push(wait);
}

function startsAlike(before: RawWait, wait: RawWait): boolean {
  if (wait.started === undefined) return before.started !== undefined || before.kind === wait.kind;
  return wait.started === before.started;
}

interface OpenWait {
  wait: RawWait | null;
  pending: Operation | null;
}

/**
 * What the flow of an open gap started last is what it most likely waits for. Where that is a library's doing (the socket of
 * a request), the place is where the flow itself waited last.
 */
function openWait(stacks: Stacks, checkout: Checkout, now: number): OpenWait {
  const { gapStart, requestedAt, turnStarts } = checkout;
  const lastStarted = lastStartedByProgram(stacks, checkout);
  if (lastStarted === null || lastStarted.createdAt.at < gapStart) return requestWait(stacks, checkout, now);
  const starts = [lastStarted, ...(turnStarts ?? []).toReversed()];
  const pending = starts.find((operation) => operation.createdAt.at >= gapStart && !isOver(operation));
  const call = callOf(checkout.calls, (pending ?? lastStarted).createdAt.at, now);
  // A flow that has ended, and left its connection behind, waits for nothing.
  if (pending === undefined && (call === null || call.activeAt > call.startedAt)) return requestWait(stacks, checkout, now);
  if (call === null && pending !== undefined && standsForRequest(stacks, pending, checkout.lastRequest)) return requestWait(stacks, checkout, now);
  const { kind, createdAt } = pending ?? lastStarted;
  const wait: RawWait = { t: round(createdAt.at - requestedAt), ms: round(now - createdAt.at), kind: call?.kind ?? WAIT_OF_OPERATION[kind] };
  const detail = call === null ? detailOf(pending ?? lastStarted) : call.detail;
  if (detail !== '') wait.detail = detail;
  const places = starts.map(stackOf).filter((captured) => captured !== null);
  const started = stacks.idOf(stacks.inApplication(places.toSorted((a, b) => runs(stacks, b) - runs(stacks, a))));
  if (started !== 0) wait.started = started;
  return { wait, pending: pending ?? null };
}

/**
 * Whether a promise that a library made is one of those around a request for one more connection, which it made in the same
 * turn or later. What the flow waited for before is no place of it then.
 */
function standsForRequest(stacks: Stacks, pending: Operation, request: Checkout | null): boolean {
  if (pending.kind !== OPERATION.promise || request === null || request.ended || request.requestedAt < pending.createdAt.at) return false;
  const captured = stackOf(pending);
  return captured === null || stacks.applicationIn(captured) === 'absent';
}

function runs(stacks: Stacks, captured: Captured): number {
  return stacks.applicationIn(captured) === 'running' ? 1 : 0;
}

function lastStartedByProgram(stacks: Stacks, { lastStarted, startedBefore, turnStarts }: Checkout): Operation | null {
  if (lastStarted === null || !isNodesTimer(stacks, lastStarted)) return lastStarted;
  if (startedBefore !== null && !isNodesTimer(stacks, startedBefore)) return startedBefore;
  return turnStarts?.at(-1) ?? null;
}

/** No flow waits for those that node sets by itself: an HTTP server closes connections that rest for long, and renews what it knows of the date. */
function isNodesTimer(stacks: Stacks, operation: Operation): boolean {
  if (operation.kind !== OPERATION.timer) return false;
  const captured = stackOf(operation);
  if (captured === null) return false;
  stacks.idOf(captured);
  return captured.byNode === true;
}

/** An error's callback runs a moment before its statement is over. */
const SAME_MS = 1;

/** Callbacks leave nothing behind that could be seen to be pending, but for the request for one more connection. */
function requestWait(stacks: Stacks, { gapStart, requestedAt, lastRequest }: Checkout, now: number): OpenWait {
  if (lastRequest === null || lastRequest.ended || lastRequest.requestedAt < gapStart - SAME_MS) return { wait: null, pending: null };
  const wait: RawWait = { t: round(lastRequest.requestedAt - requestedAt), ms: round(now - lastRequest.requestedAt), kind: 'checkout' };
  const started = stacks.idOf(lastRequest.captured);
  if (started !== 0) wait.started = started;
  return { wait, pending: null };
}

/** What completes more than once may always do so again. */
function isOver(operation: Operation): boolean {
  return operation.completedAt !== null && isOneShot(operation.kind);
}

/**
 * One wait for each place of the application. What a library goes on to do by itself, where the application no longer runs
 * (the reads after an open, the request after a look-up), belongs to the wait that it follows.
 */
function describeWaits(stacks: Stacks, checkout: Checkout, waits: readonly Waited[]): RawWait[] {
  const written: RawWait[] = [];
  let isPlaced = false;
  for (const wait of waits) {
    const own = wait.started !== null && stacks.applicationIn(wait.started) === 'running' ? wait.started : null;
    const before = written.at(-1);
    const raw = describeWait(stacks, checkout, wait, own);
    const goesOn = before !== undefined && !wait.foreign && before.foreign === undefined && (own === null || raw.started === before.started);
    const hasPlace = own !== null || stacks.inApplication(wait.around) !== null;
    // The library began with something that leads nowhere near the application (a checkout, then a statement).
    if (goesOn && !isPlaced && hasPlace) delete before.started;
    if (goesOn) extend(before, raw);
    else written.push(raw);
    isPlaced = hasPlace || (goesOn && isPlaced);
  }
  for (const wait of written) rememberStart(checkout, wait);
  return written;
}

/** The last part says best what it was for, but for helpers of it that are not named. */
function extend(wait: RawWait, more: RawWait): void {
  wait.ms = round(more.t + more.ms - wait.t);
  if (wait.started === undefined && more.started !== undefined) wait.started = more.started;
  if (more.asyncId !== undefined) wait.asyncId = more.asyncId;
  if (more.detail === undefined && wait.detail !== undefined) return;
  wait.kind = more.kind;
  if (more.detail !== undefined) wait.detail = more.detail;
}

function describeWait(stacks: Stacks, checkout: Checkout, wait: Waited, own: Captured | null): RawWait {
  const { leaf } = wait;
  const raw: RawWait = { t: round(wait.startMs - checkout.requestedAt), ms: round(wait.endMs - wait.startMs), kind: WAIT_OF_OPERATION[leaf.kind] };
  const call = callFor(checkout, wait);
  if (call !== null) raw.kind = call.kind;
  const detail = call === null ? detailOf(leaf) : call.detail;
  if (detail !== '') raw.detail = detail;
  const elsewhere = wait.elsewhere.map(stackOf).filter((captured) => captured !== null);
  let started = stacks.idOf(wait.foreign ? stacks.inApplication(elsewhere) : (stacks.inApplication(own === null ? wait.around : [own, ...wait.around]) ?? wait.started));
  // The body of an answer comes from the same request as its head, wherever it is read.
  if (call !== null) started = call.started ||= started;
  const awaited = stacks.idOf(stacks.inApplication(wait.awaited));
  if (started !== 0) raw.started = started;
  if (awaited !== 0) raw.awaited = awaited;
  if (wait.foreign) raw.foreign = true;
  const asyncId = asyncIds?.get(leaf);
  if (asyncId !== undefined) raw.asyncId = asyncId;
  return raw;
}

/** The HTTP request or child process behind a wait for something that may serve many. */
function callFor(checkout: Checkout, wait: Waited): OutgoingCall | null {
  const { kind } = wait.leaf;
  if (isOneShot(kind) && kind !== OPERATION.dns && kind !== OPERATION.childProcess) return null;
  const starter = wait.foreign ? wait.elsewhere.at(0)?.startedBy : checkout;
  return callOf(starter?.calls ?? null, wait.startMs, wait.endMs);
}

/** Kinds of waits to remember a start for, in one statement's gaps. */
const MOST_STARTS = 50;

/**
 * Under load only a sample of stacks is captured. A wait for the same thing after the same statement was started where the
 * others were, as long as there is only one such place.
 */
function rememberStart(checkout: Checkout, wait: RawWait): void {
  const statement = checkout.lastStatement;
  if (statement === null) return;
  const key = `${wait.kind} ${wait.detail ?? ''} ${wait.foreign ?? ''}`;
  const known = statement.starts?.get(key);
  if (wait.started === undefined) {
    if (known !== undefined && known !== AMBIGUOUS) wait.started = known;
  } else if (known === undefined) {
    statement.starts ??= new Map();
    if (statement.starts.size < MOST_STARTS) statement.starts.set(key, wait.started);
  } else if (known !== wait.started) statement.starts!.set(key, AMBIGUOUS);
}

const AMBIGUOUS = 0;

/** What is known of it. Never more than a name: a path or a payload may be anything. */
function detailOf(leaf: Operation): string {
  if (leaf.kind === OPERATION.timer) return `${Math.round(leaf.delayMs)} ms`;
  const resource: { hostname?: unknown; statementText?: unknown } | null = leaf.resource;
  if (leaf.kind === OPERATION.dns && typeof resource?.hostname === 'string') return resource.hostname;
  if (leaf.kind === OPERATION.statement && typeof resource?.statementText === 'string') return resource.statementText.slice(0, 200);
  return '';
}
