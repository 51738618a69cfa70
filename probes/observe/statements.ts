/** Statement texts and their ids. */
import type { Recorder } from '../recorder/recorder.js';
import { normaliseSql } from './normalise-sql.js';
import type { Sampled } from './stacks.js';

/** Raw texts to remember, and how long all of them may be: a program that writes its values into its SQL has no end of them. */
const MOST_RAW = 2000;
const MOST_RAW_UNITS = 4_000_000;
/** Distinct normalised texts; what comes after that is statement 0. */
const MOST_STATEMENTS = 5000;

/** Also what an operation can be asked for its statement. */
export interface KnownStatement extends Sampled {
  readonly id: number;
  /** Normalised. */
  readonly statementText: string;
  /** By what is awaited after it: the stack at which that was started; 0 when there are several. */
  starts?: Map<string, number>;
}

const NOT_KNOWN: KnownStatement = { id: 0, statementText: '', seen: 0 };

export class Statements {
  readonly #recorder: Recorder;
  readonly #byRaw = new Map<string, KnownStatement>();
  readonly #byText = new Map<string, KnownStatement>();
  #rawUnits = 0;
  /** The one that was found last: `pool.query` asks for it twice. */
  #lastRaw = '';
  #last: KnownStatement = NOT_KNOWN;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** A statement as the program submitted it; it is defined in the trace when it is new. */
  find(raw: string): KnownStatement {
    if (raw !== this.#lastRaw || this.#last === NOT_KNOWN) {
      this.#last = this.#look(raw);
      this.#lastRaw = raw;
    }
    return this.#last;
  }

  #look(raw: string): KnownStatement {
    const known = this.#byRaw.get(raw);
    if (known !== undefined) return known;
    const statement = this.#intern(normaliseSql(raw));
    this.#rawUnits += raw.length;
    if (this.#byRaw.size >= MOST_RAW || this.#rawUnits > MOST_RAW_UNITS) {
      this.#byRaw.clear();
      this.#rawUnits = raw.length;
    }
    this.#byRaw.set(raw, statement);
    return statement;
  }

  #intern(statementText: string): KnownStatement {
    const known = this.#byText.get(statementText);
    if (known !== undefined) return known;
    if (this.#byText.size >= MOST_STATEMENTS) return NOT_KNOWN;
    const statement: KnownStatement = { id: this.#byText.size + 1, statementText, seen: 0 };
    this.#byText.set(statementText, statement);
    this.#recorder.line({ type: 'statement', id: statement.id, text: statementText });
    return statement;
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
