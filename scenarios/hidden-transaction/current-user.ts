// The user of a request, whose properties are read from the database when they are first asked for.
import type { Session } from './session.js';

export class CurrentUser {
  readonly #session: Session;
  #row: Promise<{ name: string } | undefined> | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  get name(): Promise<string> {
    this.#row ??= this.#session.query<{ name: string }>('select name from users where id = $1', [1]).then(([row]) => row);
    return this.#row.then((row) => row?.name ?? 'nobody');
  }
}
