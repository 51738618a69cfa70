/** A queue by rank: a binary heap. */
export interface Heap<T> {
  push(value: T): void;
  /** The least one. */
  pop(): T | undefined;
  peek(): T | undefined;
  size(): number;
}

export function openHeap<T>(compare: (a: T, b: T) => number): Heap<T> {
  const values: T[] = [];
  const at = (index: number): T => values[index] as T;
  const swap = (a: number, b: number): void => void ([values[a], values[b]] = [at(b), at(a)]);
  return {
    push(value) {
      values.push(value);
      for (let child = values.length - 1; child > 0; ) {
        const parent = (child - 1) >> 1;
        if (compare(at(parent), at(child)) <= 0) break;
        swap(parent, child);
        child = parent;
      }
    },
    pop() {
      const first = values[0];
      const last = values.pop();
      if (values.length === 0 || last === undefined) return first;
      values[0] = last;
      for (let parent = 0; ; ) {
        const left = parent * 2 + 1;
        if (left >= values.length) break;
        const child = left + 1 < values.length && compare(at(left + 1), at(left)) < 0 ? left + 1 : left;
        if (compare(at(parent), at(child)) <= 0) break;
        swap(parent, child);
        parent = child;
      }
      return first;
    },
    peek: () => values[0],
    size: () => values.length,
  };
}
