/** Statement texts and their ids. */
import type { Recorder } from '../recorder/recorder.js';
import { normaliseSql } from './normalise-sql.js';

/** Raw texts to remember: a program that writes its values into its SQL has no end of them. */
const MOST_RAW = 2000;
/** Distinct normalised texts; what comes after that is statement 0. */
const MOST_STATEMENTS = 5000;

export class Statements {
  readonly #recorder: Recorder;
  readonly #byRaw = new Map<string, number>();
  readonly #byText = new Map<string, number>();
  readonly #resources: { statementText: string }[] = [{ statementText: '' }];

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** The id of a statement as the program submitted it; it is defined in the trace when it is new. */
  idOf(raw: string): number {
    const known = this.#byRaw.get(raw);
    if (known !== undefined) return known;
    const id = this.#intern(normaliseSql(raw));
    if (this.#byRaw.size >= MOST_RAW) this.#byRaw.clear();
    this.#byRaw.set(raw, id);
    return id;
  }

  /** What an operation can be asked for its statement's text. */
  resourceOf(id: number): { statementText: string } {
    return this.#resources[id]!;
  }

  #intern(text: string): number {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    if (this.#byText.size >= MOST_STATEMENTS) return 0;
    const id = this.#byText.size + 1;
    this.#byText.set(text, id);
    this.#resources.push({ statementText: text });
    this.#recorder.line({ type: 'statement', id, text });
    return id;
  }
}

/** The text of what was given to `client.query`: a string, a config, a Query, a cursor; a named statement without its text by its name. */
export function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  if (typeof query !== 'object' || query === null) return '';
  const { text, name, cursor } = query as { text?: unknown; name?: unknown; cursor?: { text?: unknown } };
  if (typeof text === 'string') return text;
  if (typeof cursor?.text === 'string') return cursor.text;
  return typeof name === 'string' ? `execute ${name}` : '';
}
