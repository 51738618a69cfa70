import { CheckoutDraft, NONE } from './checkout-draft.js';
import type { CheckoutTable } from './checkout-table.js';
import { cutBeginning } from './cut-beginning.js';

/** Puts the parts of checkouts together; whole checkouts go straight into the table. */
export class CheckoutMerger {
  readonly #table: CheckoutTable;
  readonly #open = new Map<number, CheckoutDraft>();
  readonly #ended = new IdSet();
  readonly #spare: CheckoutDraft[] = [];

  readonly #fromUs: number;

  /** @param fromUs where the trace begins to tell. */
  constructor(table: CheckoutTable, fromUs: number) {
    this.#table = table;
    this.#fromUs = fromUs;
  }

  /**
   * Takes a line; `draft` may be used for the next one afterwards.
   * @returns false: it is a part whose beginning was never seen, or of a checkout that has ended, or contradicts another part.
   */
  add(draft: CheckoutDraft): boolean {
    const before = this.#open.get(draft.id);
    if (before !== undefined) {
      if (before.contradicts(draft)) return false;
      before.merge(draft);
      if (before.outcome !== NONE) {
        this.#open.delete(draft.id);
        this.#end(before);
        before.clear();
        this.#spare.push(before);
      }
      return true;
    }
    if (draft.pool === NONE || draft.via === NONE || this.#ended.has(draft.id)) return false;
    if (draft.outcome !== NONE) this.#end(draft);
    else {
      const begun = this.#spare.pop() ?? new CheckoutDraft();
      begun.id = draft.id;
      begun.tUs = draft.tUs;
      begun.merge(draft);
      this.#open.set(draft.id, begun);
    }
    return true;
  }

  /** Those that never ended come last. @returns them. */
  finish(): CheckoutDraft[] {
    const open = [...this.#open.values()];
    for (const draft of open) this.#add(draft);
    this.#open.clear();
    return open;
  }

  #end(draft: CheckoutDraft): void {
    this.#ended.add(draft.id);
    this.#add(draft);
  }

  #add(draft: CheckoutDraft): void {
    if (draft.tUs < this.#fromUs) cutBeginning(draft, this.#fromUs);
    this.#table.add(draft);
  }
}

const PAGE_BITS = 15;
const WORDS_A_PAGE = 1 << (PAGE_BITS - 5);

/** Numbers from 0 to 2^32 - 1, a bit each where they come densely, as ids do. */
class IdSet {
  readonly #pages = new Map<number, Uint32Array>();
  #last: Uint32Array = new Uint32Array(0);
  #lastNumber = -1;

  has(id: number): boolean {
    return ((this.#page(id)[(id >>> 5) % WORDS_A_PAGE] as number) & (1 << (id & 31))) !== 0;
  }

  add(id: number): void {
    const page = this.#page(id);
    const word = (id >>> 5) % WORDS_A_PAGE;
    page[word] = (page[word] as number) | (1 << (id & 31));
  }

  #page(id: number): Uint32Array {
    const number = id >>> PAGE_BITS;
    if (number === this.#lastNumber) return this.#last;
    let page = this.#pages.get(number);
    if (page === undefined) this.#pages.set(number, (page = new Uint32Array(WORDS_A_PAGE)));
    this.#lastNumber = number;
    return (this.#last = page);
  }
}
