import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES, type CheckoutOutcome, type CheckoutSource } from '../../probes/trace/events.js';
import type { Checkout, Connection, Gap, Pool, Query, Stack, Transaction } from '../model.js';
import { MARK, NO_OUTCOME, outcomeOf, viaOf } from '../read/checkout-table.js';
import type { RecordedRun } from './recorded-run.js';

const BOTH = MARK.acquired | MARK.transaction;
const NO_GAPS: Gap[] = [];
const NO_QUERIES: Query[] = [];
const NO_TRANSACTIONS: Transaction[] = [];

/**
 * A checkout as the rules see it: a row of its trace's columns. What happened in it is made when it is asked for, and made
 * anew when others were looked at meanwhile: so look at one checkout after the other, and keep what you need of them.
 * (There are millions: methods with a `#` would take one more field of each.)
 */
export class RecordedCheckout implements Checkout {
  constructor(
    private readonly run: RecordedRun,
    private readonly row: number,
  ) {}

  get id(): string {
    return this.run.idOf(this.row);
  }

  get pool(): Pool | null {
    return this.run.poolOf(this.row);
  }

  get connection(): Connection | null {
    return this.run.connectionOf(this.row);
  }

  get via(): CheckoutSource {
    return CHECKOUT_SOURCES[viaOf(this.facts)] as CheckoutSource;
  }

  get stack(): Stack | null {
    return this.run.stackOf(this.row);
  }

  get inside(): RecordedCheckout | null {
    return this.has(MARK.nested) ? this.run.insideOf(this.row) : null;
  }

  get requestedMs(): number {
    return this.run.startMs + this.run.table.t.at(this.row);
  }

  get acquiredMs(): number | null {
    return this.isAcquired ? this.servedMs : null;
  }

  get endedMs(): number | null {
    const facts = this.facts;
    if (outcomeOf(facts) === NO_OUTCOME) return null;
    return (facts & MARK.acquired) !== 0 ? this.servedMs + this.run.table.useMs.at(this.row) : this.servedMs;
  }

  get outcome(): CheckoutOutcome | null {
    return CHECKOUT_OUTCOMES[outcomeOf(this.facts)] ?? null;
  }

  get error(): string {
    return this.has(MARK.error) ? (this.run.table.errors.get(this.row) ?? '') : '';
  }

  get queries(): Query[] {
    return this.isAcquired ? this.run.queriesOf(this.row) : NO_QUERIES;
  }

  get gaps(): Gap[] {
    return this.isAcquired ? this.run.detailsOf(this.row).gaps : NO_GAPS;
  }

  get transactions(): Transaction[] {
    // Most checkouts have none: to know that, nothing need be made.
    return (this.facts & BOTH) === BOTH ? this.run.detailsOf(this.row).transactions : NO_TRANSACTIONS;
  }

  /** What is changed in its gaps from now on stays. */
  keep(): void {
    this.run.keep(this.row);
  }

  /** Its first transaction was open already when it got its connection. */
  inherit(): void {
    this.run.inherit(this.row);
  }

  private get isAcquired(): boolean {
    return this.has(MARK.acquired);
  }

  private get servedMs(): number {
    return this.requestedMs + this.run.table.waitMs.at(this.row);
  }

  private has(mark: number): boolean {
    return (this.facts & mark) !== 0;
  }

  private get facts(): number {
    return this.run.table.facts.at(this.row);
  }
}
