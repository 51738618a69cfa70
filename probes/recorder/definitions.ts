/**
 * What later lines of a trace refer to, kept for the parts to come: each of them can be read without those before, as these
 * may have been deleted.
 */
import type { ConnectionLine } from '../trace/events.js';
import type { LineBuffer } from './line-buffer.js';

const LASTING = /^\{"type":"(?:stack|statement|pool)"/;
const CONNECTION = /^\{"type":"connection"/;

export class Definitions {
  readonly #lasting: string[] = [];
  /** All lines of a connection, by its id. */
  readonly #connections = new Map<number, string[]>();
  #closed: number[] = [];

  /** @param line of the trace, without its line end. */
  note(line: string): void {
    if (LASTING.test(line)) this.#lasting.push(line);
    else if (CONNECTION.test(line)) this.#noteConnection(line);
  }

  /** @param isHeld says whether a checkout that has not ended has the connection. */
  forgetClosed(isHeld: (connection: number) => boolean): void {
    if (this.#closed.length === 0) return;
    this.#closed = this.#closed.filter((id) => isHeld(id) || !this.#connections.delete(id));
  }

  writeTo(out: LineBuffer): void {
    for (const line of this.#lasting) out.utf8(line).ascii('\n');
    for (const lines of this.#connections.values()) for (const line of lines) out.utf8(line).ascii('\n');
  }

  #noteConnection(line: string): void {
    const { id, state } = JSON.parse(line) as ConnectionLine;
    const known = this.#connections.get(id);
    if (known === undefined) this.#connections.set(id, [line]);
    else known.push(line);
    if (state === 'closed' || state === 'failed') this.#closed.push(id);
  }
}
