/** Replaces methods so that nobody can tell from their names, lengths or property flags. */

// oxlint-disable-next-line typescript/no-explicit-any -- methods of other people's classes, called as they were called
export type Method = (this: any, ...parameters: any[]) => unknown;

/**
 * Replaces `owner[name]` by what `make` makes of the original. Returns what puts the original back, unless somebody else has
 * replaced it since: then ours stays, and must be inert by itself.
 */
export function wrapMethod(owner: object, name: string, make: (original: Method) => Method): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  if (descriptor === undefined || typeof descriptor.value !== 'function') return () => undefined;
  const original = descriptor.value as Method;
  const replacement = make(original);
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(replacement, property, { value: original[property], configurable: true });
  }
  Object.defineProperty(owner, name, { ...descriptor, value: replacement });
  return () => {
    if (Object.getOwnPropertyDescriptor(owner, name)?.value === replacement) Object.defineProperty(owner, name, descriptor);
  };
}

/**
 * Tells `onRaised` when a flag of an object is set to true, which its class leaves at `unset` until then. An accessor of the
 * prototype, as one of each object's own would cost it a hidden class of its own: three microseconds each, and garbage
 * that only a full collection finds. Returns what undoes it.
 */
export function watchFlag<Subject extends object>(prototype: Subject, name: string, unset: false | undefined, onRaised: (subject: Subject) => void): () => void {
  // That of plain objects is everybody's.
  if (prototype === Object.prototype || Object.hasOwn(prototype, name)) return () => undefined;
  Object.defineProperty(prototype, name, {
    configurable: true,
    get: () => unset,
    set(this: Subject, value: unknown) {
      if (value === unset) return;
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
      if (value === true) onRaised(this);
    },
  });
  return () => void Reflect.deleteProperty(prototype, name);
}
