import type { CallSite, Stack } from '../model.js';
import type { PageData } from './page-data.js';
import { visibleText } from './visible-text.js';

/** Texts and stacks of the page, each of them once, referred to by position. */
export class StringTable {
  readonly strings: string[] = [];
  readonly frames: PageData['frames'] = [];
  readonly stacks: PageData['stacks'] = [];
  readonly #stringIndex = new Map<string, number>();
  readonly #frameIndex = new Map<string, number>();
  readonly #stackIndex = new Map<string, number>();
  /** Stacks are shared objects in the timeline: most lookups end here. */
  readonly #known = new Map<Stack, number>();

  /** Position of the text, -1 for the empty one. */
  text(value: string): number {
    if (value === '') return -1;
    const known = this.#stringIndex.get(value);
    if (known !== undefined) return known;
    const index = this.strings.push(visibleText(value)) - 1;
    this.#stringIndex.set(value, index);
    return index;
  }

  /** Position of the stack, -1 for none. */
  stack(stack: Stack | null): number {
    if (stack === null) return -1;
    const known = this.#known.get(stack);
    if (known !== undefined) return known;
    const frames = stack.frames.slice(0, MAX_FRAMES).map((frame) => this.#frame(frame));
    const via = stack.via === null ? -1 : this.text(`${stack.via.package}@${stack.via.version}`);
    const key = `${via}:${frames.join(',')}`;
    let index = this.#stackIndex.get(key);
    if (index === undefined) {
      index = this.stacks.push({ frames, via }) - 1;
      this.#stackIndex.set(key, index);
    }
    this.#known.set(stack, index);
    return index;
  }

  #frame(site: CallSite): number {
    const key = `${site.line}:${site.column}:${site.file}\n${site.function}`;
    const known = this.#frameIndex.get(key);
    if (known !== undefined) return known;
    const index = this.frames.push([this.text(site.function), this.text(site.file), site.line, site.column]) - 1;
    this.#frameIndex.set(key, index);
    return index;
  }
}

const MAX_FRAMES = 12;
