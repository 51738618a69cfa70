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
  for (let waits = 0; waits < MOST_WAITS && chain.size < MOST_STEPS; waits++) {
    const ran = log.callbackOf(at, atMs);
    if (ran < 0) break;
    const turn = log.turnOf(ran);
    const isBase = turn.ms < startMs;
    chain.add(at, isBase ? 'origin' : turn.id === at ? 'completed' : 'resumed', log.ranMs(ran));
    if (isBase) break;
    const inTurn = addTurn(chain, log, turn, ran);
    const awaited = log.triggerOf(at);
    if (log.typeOf(at) === 'PROMISE' && log.typeOf(awaited) === 'PROMISE') chain.add(awaited, 'awaited', null);
    // What began in the gap was started by something; what began before is where the gap itself comes from.
    const started = [...inTurn, at].find((id) => log.createdMs(id) >= startMs);
    if (started === undefined) break;
    at = log.executionOf(started);
    atMs = log.createdMs(started);
  }
  if (chain.size === 0) return [];
  addOrigins(chain, log, at);
  return chain.steps();
}

/** What completed, and what else of the same flow ran between it and the continuation. @returns the ids that are no promises. */
function addTurn(chain: Chain, log: OperationLog, turn: Turn, ran: number): number[] {
  const waker = log.idOf(ran);
  const flow = log.executionOf(waker);
  const operations: number[] = [];
  if (turn.id !== waker) {
    chain.add(turn.id, 'completed', turn.ms);
    operations.push(turn.id);
  }
  for (let index = Math.max(turn.first, ran - MOST_IN_A_TURN); index < ran; index++) {
    const id = log.idOf(index);
    if (id === turn.id || !isCreatedIn(log, id, flow)) continue;
    chain.add(id, 'resumed', log.ranMs(index));
    if (log.typeOf(id) !== 'PROMISE') operations.push(id);
  }
  return operations;
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
    if (type === '' || this.#steps.has(asyncId)) return;
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
