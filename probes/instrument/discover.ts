/**
 * Finds pg's classes in whatever way the program loads them (CommonJS, ESM, a bundle, a nested copy, a fork): their
 * instances are event emitters, so each prototype passes `EventEmitter.init` once. Nothing is hooked in the module loaders.
 */
import { EventEmitter } from 'node:events';
import { isNativeClientPrototype } from './pg-native.js';
import { isKnexDialectPrototype, isKnexPrototype, isKnexTransactionPrototype } from './tarn.js';
import { wrapMethod, type Method } from './wrap.js';

const { getPrototypeOf } = Object;

export interface DiscoveredClasses {
  /** A prototype with pg-pool's methods of its own. */
  onPool(prototype: object): void;
  /** A prototype with pg Client's methods of its own. */
  onClient(prototype: object): void;
  /** A prototype with the methods of pg's Client over libpq. */
  onNativeClient(prototype: object): void;
  /** An instance of a pool, while it is being constructed: its fields are not there yet. */
  onPoolMade: (pool: object) => void;
  /** Likewise of a client. */
  onClientMade: (client: object) => void;
  /** A prototype with methods of Knex's client of its own, of whatever dialect. */
  onKnex(prototype: object): void;
  /** A prototype with those of Knex's dialect of PostgreSQL. */
  onKnexDialect(prototype: object): void;
  /** A prototype with those of Knex's transactions, and instances of it as above. */
  onKnexTransaction(prototype: object): void;
  onKnexTransactionMade: (transaction: object) => void;
}

const POOL_METHODS = ['_pulseQueue', '_acquireClient', '_releaseOnce', 'connect', 'query'];
const CLIENT_METHODS = ['_handleReadyForQuery', '_pulseQueryQueue', 'query', 'connect'];

export function isPoolPrototype(prototype: object): boolean {
  return POOL_METHODS.every((name) => Object.hasOwn(prototype, name));
}

export function isClientPrototype(prototype: object): boolean {
  return CLIENT_METHODS.every((name) => Object.hasOwn(prototype, name));
}

/** null where that throws (a proxy's may). */
function prototypeOf(emitter: object): object | null {
  try {
    return getPrototypeOf(emitter) as object | null;
  } catch {
    return null;
  }
}

/** Watches all emitters of this thread from now on. Returns what ends it. */
export function discoverClasses(classes: DiscoveredClasses): () => void {
  /** What is to be told of the instances of a prototype. */
  const seen = new WeakMap<object, ((made: object) => void) | null>();
  /** The last ones of which nothing is: pg makes an emitter for each statement, and a WeakMap's look-up costs a tenth of a microsecond or more. */
  let one: object | null = null;
  let another: object | null = null;
  let third: object | null = null;
  let fourth: object | null = null;

  const inspect = (prototype: object): ((made: object) => void) | null => {
    const known = seen.get(prototype);
    if (known !== undefined) return known;
    let onMade: ((made: object) => void) | null = null;
    const chain: object[] = [];
    for (let at: object | null = prototype; at !== null && at !== EventEmitter.prototype; at = Object.getPrototypeOf(at) as object | null) chain.push(at);
    for (const at of chain) {
      if (isPoolPrototype(at)) {
        onMade = classes.onPoolMade;
        classes.onPool(at);
      } else if (isClientPrototype(at)) {
        onMade = classes.onClientMade;
        classes.onClient(at);
      } else if (isNativeClientPrototype(at)) {
        onMade = classes.onClientMade;
        classes.onNativeClient(at);
      } else if (isKnexTransactionPrototype(at)) {
        onMade = classes.onKnexTransactionMade;
        classes.onKnexTransaction(at);
      }
    }
    // Knex speaks to many databases: only that which speaks to PostgreSQL concerns us.
    const dialect = chain.find(isKnexDialectPrototype);
    const knex = chain.find(isKnexPrototype);
    if (dialect !== undefined && knex !== undefined) {
      classes.onKnexDialect(dialect);
      classes.onKnex(knex);
    }
    seen.set(prototype, onMade);
    return onMade;
  };

  const look = (emitter: object, prototype: object | null): void => {
    try {
      const onMade = prototype === null ? null : inspect(prototype);
      if (onMade !== null) return onMade(emitter);
    } catch {
      // What of it cannot be looked at is none of pg's.
    }
    fourth = third;
    third = another;
    another = one;
    one = prototype;
  };

  // Not by Reflect.apply, through which V8 does not compile the original into this one: an emitter, as each statement is one,
  // would take 30 ns more.
  const wrapInit = (original: Method): Method =>
    function (this: object, options: unknown): unknown {
      const prototype = prototypeOf(this);
      if (prototype !== one && prototype !== another && prototype !== third && prototype !== fourth) look(this, prototype);
      return original.call(this, options);
    };
  return wrapMethod(EventEmitter, 'init', wrapInit);
}
