/** Random things that are the same each time, so that a failure can be seen again. */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  }

  /** Up to `longest` UTF-16 units of all sorts, halves of surrogate pairs among them. */
  text(longest: number): string {
    const length = this.below(longest + 1);
    let text = '';
    while (text.length < length) text += this.pick(['a', '"', '\\', '\n', '\u0000', 'é', '…', '💥', '\ud83d', '\udca5', '\uffff']);
    return text.slice(0, length);
  }

  /** Milliseconds with whole microseconds. */
  ms(limit: number): number {
    return this.below(limit * 1000) / 1000;
  }
}
