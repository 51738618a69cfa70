/**
 * Finds pg's classes in whatever way the program loads them (CommonJS, ESM, a bundle, a nested copy, a fork): their
 * instances are event emitters, so each prototype passes `EventEmitter.init` once. Nothing is hooked in the module loaders.
 */
import { EventEmitter } from 'node:events';
import { wrapMethod, type Method } from './wrap.js';

export interface DiscoveredClasses {
  /** A prototype with pg-pool's methods of its own. */
  onPool(prototype: object): void;
  /** A prototype with pg Client's methods of its own. */
  onClient(prototype: object): void;
  /** An instance of a pool, while it is being constructed: its fields are not there yet. */
  onPoolMade(pool: object): void;
}

const POOL_METHODS = ['_pulseQueue', '_acquireClient', '_releaseOnce', 'connect', 'query'];
const CLIENT_METHODS = ['_handleReadyForQuery', '_pulseQueryQueue', 'query', 'connect'];

export function isPoolPrototype(prototype: object): boolean {
  return POOL_METHODS.every((name) => Object.hasOwn(prototype, name));
}

export function isClientPrototype(prototype: object): boolean {
  return CLIENT_METHODS.every((name) => Object.hasOwn(prototype, name));
}

/** Watches all emitters of this thread from now on. Returns what ends it. */
export function discoverClasses(classes: DiscoveredClasses): () => void {
  /** Whether instances of a prototype are pools. */
  const seen = new WeakMap<object, boolean>();

  const inspect = (prototype: object): boolean => {
    const known = seen.get(prototype);
    if (known !== undefined) return known;
    let isPool = false;
    for (let at: object | null = prototype; at !== null && at !== EventEmitter.prototype; at = Object.getPrototypeOf(at) as object | null) {
      if (isPoolPrototype(at)) {
        isPool = true;
        classes.onPool(at);
      } else if (isClientPrototype(at)) classes.onClient(at);
    }
    seen.set(prototype, isPool);
    return isPool;
  };

  const wrapInit = (original: Method): Method =>
    function (this: object): unknown {
      try {
        const prototype = Object.getPrototypeOf(this) as object | null;
        if (prototype !== null && inspect(prototype)) classes.onPoolMade(this);
      } catch {
        // An emitter with a prototype that throws (a proxy) is none of pg's.
      }
      return Reflect.apply(original, this, arguments);
    };
  return wrapMethod(EventEmitter, 'init', wrapInit);
}
