/**
 * What pools other than pg-pool have in common: they hold clients of pg, and know nothing of what else these are. Each has an
 * adapter of its own that tells of its requests in the same terms; `pg-client.ts` then knows whose a new client is.
 */
import type { Checkout, PoolState } from '../observe/checkouts.js';
import { createHiddenField } from '../observe/hidden-field.js';
import type { Observer } from '../observe/observer.js';
import type { Operation } from '../observe/operation.js';
import type { Captured } from '../observe/stacks.js';
import type { CheckoutOutcome } from '../trace/events.js';
import { connectionOf } from './pg-client.js';

const poolField = createHiddenField<PoolState>();

export interface OtherPool {
  kind: string;
  max: number;
  acquireTimeoutMs: number;
}

/** Begins to record a pool, once; `object` is what the adapter knows it by. */
export function watchOtherPool(observer: Observer, object: object, { kind, max, acquireTimeoutMs }: OtherPool): PoolState {
  let state = otherPoolOf(observer, object);
  if (state === undefined) {
    state = observer.addPool({ kind, version: '', max, acquireTimeoutMs, madeAt: observer.stacks.capture() });
    poolField.set(object, state);
  }
  return state;
}

/** The pool, if it is being recorded. */
export function otherPoolOf(observer: Observer, object: object): PoolState | undefined {
  const state = poolField.get(object);
  return state?.observer === observer ? state : undefined;
}

/**
 * The program asks for a connection; null when that could not be noted.
 * @param from where it did, if not here.
 */
export function noteRequest(observer: Observer, pool: PoolState, from: Captured | null = null): Checkout | null {
  try {
    const captured = from ?? (observer.stacks.decide(pool) ? observer.operations.capture() : null);
    return observer.requested(pool, 'connect', captured);
  } catch (error) {
    observer.problem('pool.request', error);
    return null;
  }
}

/**
 * The pool hands out a client. What runs until `leave` of the operation that is returned is what the request leads to; null
 * when there is none to leave.
 */
export function noteGrant(observer: Observer, checkout: Checkout, client: unknown): Operation | null {
  try {
    const connection = typeof client === 'object' && client !== null ? connectionOf(client, observer) : undefined;
    if (connection === undefined || checkout.ended || !Number.isNaN(checkout.acquiredAt)) return null;
    if (checkout.pool !== null) observer.adopted(connection, checkout.pool);
    observer.acquired(checkout, connection);
    if (checkout.operation !== null) observer.operations.enter(checkout.operation, checkout);
    return checkout.operation;
  } catch (error) {
    observer.problem('pool.acquire', error);
    return null;
  }
}

/**
 * A request has come to nothing; what runs until `leave` of the operation that is returned, or until the end of the job, is
 * what follows from that, in the flow that made it.
 */
export function noteRefusal(observer: Observer, checkout: Checkout, outcome: 'timeout' | 'failed', error: string): Operation | null {
  try {
    if (checkout.ended || !Number.isNaN(checkout.acquiredAt)) return null;
    observer.ended(checkout, outcome, error);
    if (checkout.operation !== null) observer.operations.enter(checkout.operation, checkout.inside);
    return checkout.operation;
  } catch (failure) {
    observer.problem('pool.refuse', failure);
    return null;
  }
}

/** A client goes back to its pool, or is done with. */
export function noteReturn(observer: Observer, client: unknown, outcome: CheckoutOutcome): void {
  try {
    const checkout = typeof client === 'object' && client !== null ? (connectionOf(client, observer)?.checkout ?? null) : null;
    if (checkout !== null && checkout.via === 'connect') observer.ended(checkout, outcome);
  } catch (error) {
    observer.problem('pool.release', error);
  }
}
