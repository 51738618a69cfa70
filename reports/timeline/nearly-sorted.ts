/** So many steps a number, on average, are cheaper than to sort from scratch. */
const STEPS = 64;

/** Sorts numbers in place, fast where nearly all of them are near their place, as times are that come from a trace. */
export function sortNearlySorted(values: Float64Array): Float64Array {
  let steps = values.length * STEPS;
  for (let index = 1; index < values.length; index += 1) {
    const value = values[index] as number;
    let at = index;
    for (; at > 0 && (values[at - 1] as number) > value; at -= 1) values[at] = values[at - 1] as number;
    values[at] = value;
    steps -= index - at;
    if (steps < 0) return values.toSorted();
  }
  return values;
}
