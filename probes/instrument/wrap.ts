/** Replaces methods so that nobody can tell from their names, lengths or property flags. */

type Method = (this: never, ...parameters: never[]) => unknown;

/**
 * Replaces `owner[name]` by what `make` makes of the original. Returns what puts the original back, unless somebody else has
 * replaced it since: then ours stays, and must be inert by itself.
 */
export function wrapMethod<Original extends Method>(owner: object, name: string, make: (original: Original) => Original): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  if (descriptor === undefined || typeof descriptor.value !== 'function') return () => undefined;
  const original = descriptor.value as Original;
  const replacement = make(original);
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(replacement, property, { value: original[property], configurable: true });
  }
  Object.defineProperty(owner, name, { ...descriptor, value: replacement });
  return () => {
    if (Object.getOwnPropertyDescriptor(owner, name)?.value === replacement) Object.defineProperty(owner, name, descriptor);
  };
}
