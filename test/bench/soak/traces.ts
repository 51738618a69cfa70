/** The traces of a soaked program while they are written: how large they become, and what they say of themselves. */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

export class GrowingTrace {
  readonly #directory: string;
  readonly #isKept: boolean;
  /** Of the parts that were taken away, in the end all of them (kept: all that was left). */
  writtenBytes = 0;
  /** What was on the disk at a time. */
  mostBytes = 0;
  /** What the traces said: losses and problems. */
  readonly doubts: string[] = [];

  /** @param isKept the program itself removes what is old; else parts that are done are removed here, as nobody has room for all of them. */
  constructor(directory: string, isKept: boolean) {
    this.#directory = directory;
    this.#isKept = isKept;
  }

  /** To be called now and then. */
  look(): void {
    const parts = readdirSync(this.#directory).toSorted((a, b) => partOf(a) - partOf(b)).map((name) => join(this.#directory, name));
    // One may go between two calls.
    const bytes = parts.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
    this.mostBytes = Math.max(this.mostBytes, bytes);
    if (!this.#isKept) for (const path of parts.slice(0, -1)) this.#take(path);
  }

  /** After the program's end. */
  finish(): void {
    this.look();
    for (const name of readdirSync(this.#directory)) this.#take(join(this.#directory, name));
  }

  #take(path: string): void {
    const text = readFileSync(path, 'latin1');
    this.writtenBytes += text.length;
    for (const [line] of text.matchAll(/^\{"type":"(?:lost|problem)".*$/gm)) this.doubts.push(line);
    rmSync(path);
  }
}

/** NAME.ndjson is the first. */
function partOf(name: string): number {
  return Number(/\.part(\d+)\.ndjson$/.exec(name)?.[1] ?? 1);
}
