import { TRANSACTION_STATUSES, type TransactionStatus } from '../../probes/trace/events.js';
import type { Query, Stack, Statement } from '../model.js';
import { moreOf, statusOf } from '../read/checkout-table.js';
import type { RecordedRun } from './recorded-run.js';

/** A statement: a row of its trace's columns. (Methods with a `#` would take a field of each.) */
export class RecordedQuery implements Query {
  constructor(
    private readonly run: RecordedRun,
    private readonly row: number,
    private readonly requestedMs: number,
  ) {}

  get statement(): Statement {
    return this.run.statementOf(this.queries.statement.at(this.row));
  }

  get startMs(): number {
    return this.requestedMs + this.queries.startMs.at(this.row);
  }

  get ms(): number {
    return this.queries.ms.at(this.row);
  }

  get status(): TransactionStatus {
    return TRANSACTION_STATUSES[statusOf(this.queries.facts.at(this.row))] as TransactionStatus;
  }

  get error(): string {
    return this.run.table.texts[this.queries.error.at(this.more)] ?? '';
  }

  get queuedMs(): number {
    return this.queries.queuedMs.at(this.more);
  }

  get stack(): Stack | null {
    return this.run.names.stackOf(this.queries.stack.at(this.more));
  }

  private get more(): number {
    return moreOf(this.queries.facts.at(this.row));
  }

  private get queries(): RecordedRun['table']['queries'] {
    return this.run.table.queries;
  }
}
