/** One recording of one thread, from the first sign of pg to the end of the process: all parts of the probe put together. */
import { resolve } from 'node:path';
import { discoverClasses, isClientPrototype, isPoolPrototype } from './instrument/discover.js';
import { instrumentClient, noteClientMade, type ClientFinder } from './instrument/pg-client.js';
import { instrumentPool, notePoolMade } from './instrument/pg-pool.js';
import { instrumentNativeClient, isNativeClientPrototype } from './instrument/pg-native.js';
import { SequelizeFinder } from './instrument/sequelize-pool.js';
import { SlonikFinder } from './instrument/slonik.js';
import { instrumentKnex, instrumentKnexDialect, instrumentKnexTransaction, noteKnexTransactionMade } from './instrument/tarn.js';
import { startHeartbeat } from './observe/event-loop.js';
import { watchOutgoingCalls } from './observe/outgoing-calls.js';
import { Observer } from './observe/observer.js';
import { watchSyncCalls } from './observe/sync-calls.js';
import { KEEP_FORMAT, parseKeep } from './recorder/keep.js';
import { Recorder } from './recorder/recorder.js';

/** Where traces go when nobody says otherwise, relative to the working directory. */
export const DEFAULT_DIRECTORY = '.lifeguard';

export class Session {
  readonly #recorder: Recorder;
  readonly #observer: Observer;
  readonly #undo: (() => void)[] = [];
  readonly #instrumented = new WeakSet<object>();
  /** The pools to record; null: all of them, and clients without a pool too. */
  readonly #pools: { has(pool: object): boolean } | null;
  readonly #finders: readonly ClientFinder[];
  readonly #onExit = (exitCode: number): void => this.stop(exitCode);

  constructor(directory: string, pools: { has(pool: object): boolean } | null) {
    this.#pools = pools;
    const keepText = process.env['LIFEGUARD_KEEP'] ?? '';
    const keep = parseKeep(keepText);
    this.#recorder = new Recorder(directory, keep);
    this.#observer = new Observer(this.#recorder);
    if (keepText !== '' && keep === null) {
      this.#observer.problem('LIFEGUARD_KEEP', `${JSON.stringify(keepText.slice(0, 50))} is not ${KEEP_FORMAT}: everything is kept`);
    }
    const { operations } = this.#observer;
    const sequelize = new SequelizeFinder(this.#observer);
    this.#finders = [sequelize, new SlonikFinder(this.#observer)];
    this.#undo.push(
      () => sequelize.stop(),
      watchOutgoingCalls(operations, () => this.#recorder.now()),
      watchSyncCalls(this.#recorder),
      startHeartbeat(this.#recorder, (elapsedMs) => this.#try('heartbeat', () => this.#observer.review(elapsedMs))),
      () => operations.stop(),
    );
    process.on('exit', this.#onExit);
  }

  /** Path of the trace; the file is there as soon as something was recorded. */
  get path(): string {
    return this.#recorder.path;
  }

  instrumentPool(prototype: object): void {
    if (this.#instrumented.has(prototype)) return;
    this.#instrumented.add(prototype);
    this.#undo.push(instrumentPool(prototype, this.#observer, (pool) => this.#pools?.has(pool) ?? true));
  }

  instrumentClient(prototype: object): void {
    if (this.#instrumented.has(prototype)) return;
    this.#instrumented.add(prototype);
    const instrument = isClientPrototype(prototype) ? instrumentClient : instrumentNativeClient;
    this.#undo.push(instrument(prototype, this.#observer, () => this.#pools === null, this.#finders));
  }

  instrumentKnex(prototype: object): void {
    if (this.#instrumented.has(prototype)) return;
    this.#instrumented.add(prototype);
    this.#undo.push(instrumentKnex(prototype, this.#observer));
  }

  instrumentKnexDialect(prototype: object): void {
    if (this.#instrumented.has(prototype)) return;
    this.#instrumented.add(prototype);
    this.#undo.push(instrumentKnexDialect(prototype, this.#observer));
  }

  instrumentKnexTransaction(prototype: object): void {
    if (this.#instrumented.has(prototype)) return;
    this.#instrumented.add(prototype);
    this.#undo.push(instrumentKnexTransaction(prototype));
  }

  noteKnexTransactionMade(transaction: object): void {
    this.#try('transaction', () => noteKnexTransactionMade(this.#observer, transaction));
  }

  notePoolMade(pool: object): void {
    this.#try('pool', () => notePoolMade(this.#observer, pool));
  }

  noteClientMade(client: object): void {
    this.#try('client', () => noteClientMade(this.#observer, client));
  }

  /** @param exitCode of the process; null when only the recording ends. */
  stop(exitCode: number | null): void {
    process.off('exit', this.#onExit);
    this.#try('stop', () => this.#observer.finish());
    for (const undo of this.#undo) this.#try('stop', undo);
    this.#undo.length = 0;
    this.#try('stop', () => this.#recorder.stop(exitCode));
  }

  /** The host always wins: what of ours fails is noted and has no effect. */
  #try(where: string, body: () => void): void {
    try {
      body();
    } catch (error) {
      this.#observer.problem(where, error);
    }
  }
}

/** The directory for traces: LIFEGUARD_DIR, else `.lifeguard`. */
export function traceDirectory(): string {
  return resolve(process.env['LIFEGUARD_DIR'] || DEFAULT_DIRECTORY);
}

let preloaded: Session | null = null;
let looking = false;

/** The recording that a preload has begun in this thread, if pg was seen in it. */
export function preloadedSession(): Session | null {
  return preloaded;
}

/** Records everything of this thread that concerns pg, from the moment that pg appears. Nothing is made or started before. */
export function recordThread(): void {
  // NODE_OPTIONS and a command line may both name the preload.
  if (looking) return;
  looking = true;
  const directory = traceDirectory();
  const session = (): Session => (preloaded ??= new Session(directory, null));
  discoverClasses({
    onPool: (prototype) => session().instrumentPool(prototype),
    onClient: (prototype) => session().instrumentClient(prototype),
    onNativeClient: (prototype) => session().instrumentClient(prototype),
    onPoolMade: (pool) => session().notePoolMade(pool),
    onClientMade: (client) => session().noteClientMade(client),
    onKnex: (prototype) => session().instrumentKnex(prototype),
    onKnexDialect: (prototype) => session().instrumentKnexDialect(prototype),
    // Those of other databases come by too: a client of PostgreSQL's was there before its first transaction.
    onKnexTransaction: (prototype) => preloaded?.instrumentKnexTransaction(prototype),
    onKnexTransactionMade: (transaction) => preloaded?.noteKnexTransactionMade(transaction),
  });
}

/** pg-pool's and pg Client's prototypes behind a pool; null where it is no pg-pool. */
export function prototypesOf(pool: object): { pool: object; client: object } | null {
  const poolPrototype = findPrototype(pool, isPoolPrototype);
  const { Client } = pool as { Client?: { prototype?: object } };
  const clientPrototype = Client?.prototype === undefined ? null : findPrototype(Object.create(Client.prototype) as object, (prototype) => isClientPrototype(prototype) || isNativeClientPrototype(prototype));
  return poolPrototype === null || clientPrototype === null ? null : { pool: poolPrototype, client: clientPrototype };
}

function findPrototype(object: object, isIt: (prototype: object) => boolean): object | null {
  for (let at = Object.getPrototypeOf(object) as object | null; at !== null; at = Object.getPrototypeOf(at) as object | null) if (isIt(at)) return at;
  return null;
}
