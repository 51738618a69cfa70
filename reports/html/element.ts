/** A number of a list; 0 beyond its end. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}

/** An element that must be there. Throws a RangeError when it is not. */
export function element<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index} in a list of ${values.length}`);
  return value;
}
