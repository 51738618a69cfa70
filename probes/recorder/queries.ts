/** The statements of one checkout as numbers, until its line is written. */

/** Numbers of a statement as kept in Queries: statement, start, duration, status, queued, stack. */
export const QUERY_NUMBERS = 6;
/** Room for so many numbers stays with a slot. */
const MOST_KEPT = QUERY_NUMBERS * 256;

/** Statements of a checkout. Not an array: one that is emptied loses its room, and to make that anew took a sixth of the time of folding. */
export class Queries {
  #numbers = new Float64Array(QUERY_NUMBERS * 4);
  #length = 0;

  /** How many numbers there are, of all statements. */
  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#numbers[index]!;
  }

  add(statement: number, start: number, duration: number, status: number, queued: number, stack: number): void {
    const at = this.#length;
    this.#length = at + QUERY_NUMBERS;
    if (this.#length > this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    numbers[at] = statement;
    numbers[at + 1] = start;
    numbers[at + 2] = duration;
    numbers[at + 3] = status;
    numbers[at + 4] = queued;
    numbers[at + 5] = stack;
  }

  clear(): void {
    this.#length = 0;
    if (this.#numbers.length > MOST_KEPT) this.#numbers = new Float64Array(QUERY_NUMBERS * 4);
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
