// What ORMs call a session: it begins a transaction by itself when there is none, and ends it when told to.
import type { Pool, PoolClient } from 'pg';

export class Session {
  readonly #pool: Pool;
  #client: PoolClient | null = null;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    if (this.#client === null) {
      this.#client = await this.#pool.connect();
      await this.#client.query('begin');
    }
    return (await this.#client.query<Row>(sql, values)).rows;
  }

  async commit(): Promise<void> {
    await this.#client?.query('commit');
    this.#client?.release();
    this.#client = null;
  }
}
