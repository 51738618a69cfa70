/**
 * From what a program went on in after a gap back to what made it go on, by clinic's trace alone: which operation ran when,
 * what was created in what. The probe's own graph of promises has no part in it, so that it is a second witness.
 */
import type { RawStep, StepRole } from './model.js';
import type { OperationLog, Turn } from './operation-log.js';

/** Waits in one gap, and operations before it and in all. */
const MOST_WAITS = 50;
const MOST_ORIGINS = 30;
const MOST_STEPS = 120;
/** How far to look whether one operation was created in another's flow. */
const MOST_OUTWARD = 64;
const MOST_IN_A_TURN = 500;

/**
 * @param waker in what the program went on, at `endMs`.
 * @returns the operations in the order of their creation (stacks are yet to be found); empty when the trace does not reach it.
 */
export function followChain(log: OperationLog, waker: number, startMs: number, endMs: number): RawStep[] {
  const chain = new Chain(log);
  let at = waker;
  let atMs = endMs;
  for (let waits = 0; waits < MOST_WAITS && chain.size < MOST_STEPS && log.typeOf(at) !== ''; waits++) {
    const { turn, before, ms } = findTurn(log, at, atMs);
    const isBase = turn.ms < startMs;
    chain.add(at, isBase ? 'origin' : turn.id === at ? 'completed' : 'resumed', ms);
    if (isBase) break;
    let started = at;
    // What was made in this turn was made by what ran in it before, which is what the program waited in.
    if (turn.id === at || log.createdMs(at) < turn.ms) {
      const ran = addTurn(chain, log, turn, at, before);
      const awaited = log.triggerOf(at);
      if (log.typeOf(at) === 'PROMISE' && log.typeOf(awaited) === 'PROMISE') chain.add(awaited, 'awaited', null);
      // The last of these that was started in the gap and before this turn is where this wait began; a socket may be older,
      // and have served others since. What was started before the gap is where the gap itself comes from.
      started = latest(log, ran, startMs, turn.ms);
    }
    if (started === 0) break;
    at = log.executionOf(started);
    atMs = log.createdMs(started);
  }
  if (chain.size === 0) return [];
  addOrigins(chain, log, at);
  return chain.steps();
}

interface Place {
  turn: Turn;
  /** All callbacks of the turn before this one ran before it. */
  before: number;
  ms: number;
}

/**
 * Where an operation ran. Node's HTTP parsers run without an event of their own: inside of their socket's callback, or
 * (at a server) by themselves.
 */
function findTurn(log: OperationLog, id: number, atMs: number): Place {
  const own = log.callbackOf(id, atMs);
  if (own >= 0) return { turn: log.turnOf(own), before: own, ms: log.ranMs(own) };
  const around = log.callbackAt(atMs);
  if (around >= 0) return { turn: log.turnOf(around), before: around + 1, ms: log.ranMs(around) };
  return { turn: { id, ms: atMs, first: 0 }, before: 0, ms: atMs };
}

/** Of what was created from a time on and before another; 0: nothing was. */
function latest(log: OperationLog, ids: readonly number[], fromMs: number, beforeMs: number): number {
  let found = 0;
  for (const id of ids) {
    const ms = log.createdMs(id);
    if (ms >= fromMs && ms < beforeMs && (found === 0 || ms > log.createdMs(found))) found = id;
  }
  return found;
}

/** What completed, and what else of the same flow ran between it and the continuation. @returns all of it. */
function addTurn(chain: Chain, log: OperationLog, turn: Turn, waker: number, before: number): number[] {
  const flow = log.executionOf(waker);
  const all = [waker];
  if (turn.id !== waker) {
    chain.add(turn.id, 'completed', turn.ms);
    all.push(turn.id);
  }
  for (let index = Math.max(turn.first, before - MOST_IN_A_TURN); index < before; index++) {
    const id = log.idOf(index);
    if (id === turn.id || !isCreatedIn(log, id, flow)) continue;
    chain.add(id, 'resumed', log.ranMs(index));
    all.push(id);
  }
  return all;
}

function isCreatedIn(log: OperationLog, id: number, flow: number): boolean {
  let at = id;
  for (let step = 0; step < MOST_OUTWARD && at > 1; step++) {
    at = log.executionOf(at);
    if (at === flow) return true;
  }
  return false;
}

function addOrigins(chain: Chain, log: OperationLog, from: number): void {
  let at = from;
  for (let step = 0; step < MOST_ORIGINS && log.typeOf(at) !== ''; step++) {
    chain.add(at, 'origin', null);
    at = log.executionOf(at);
  }
}

class Chain {
  readonly #log: OperationLog;
  readonly #steps = new Map<number, RawStep>();

  constructor(log: OperationLog) {
    this.#log = log;
  }

  get size(): number {
    return this.#steps.size;
  }

  add(asyncId: number, role: StepRole, ranMs: number | null): void {
    const log = this.#log;
    const type = log.typeOf(asyncId);
    const known = this.#steps.get(asyncId);
    // Of one that ran, that is what tells most.
    if (type === '' || (known !== undefined && known.role !== 'awaited')) return;
    this.#steps.set(asyncId, {
      asyncId,
      type,
      role,
      executionAsyncId: log.executionOf(asyncId),
      triggerAsyncId: log.triggerOf(asyncId),
      createdMs: log.createdMs(asyncId),
      ranMs,
      stack: -1,
    });
  }

  steps(): RawStep[] {
    return [...this.#steps.values()].toSorted((a, b) => a.asyncId - b.asyncId);
  }
}
