import { adviseSerialized } from '../advice/serialized-queries.js';
import type { Checkout, Query } from '../model.js';
import { siteOf } from '../timeline/locate.js';
import { select, TRAIT } from '../timeline/select.js';
import { isFurtherRead, submittedMs } from '../timeline/submitted.js';
import { sayFunction, sayMs, sayTimes } from '../words.js';
import type { Group } from './group.js';
import type { Context, Offence, Rule } from './rule.js';

/** The next one starts when the one before it is answered: a longer pause is no queue. */
const NEXT_MS = 1;

/** Statements that are given to one client at once, and run one after the other. */
export const serializedQueries: Rule = {
  id: 'serialized-queries',
  sharesUse: false,
  *offences(context: Context) {
    for (const checkout of select(context.timeline, TRAIT.queued)) {
      if (checkout.queries.length < 2 || checkout.connection?.pipelined === true) continue;
      for (const batch of batchesOf(checkout)) yield offenceOf(batch, checkout, context);
    }
  },
  isFinding: (group, { limits }) => (group.sums.get('queued') ?? 0) >= limits.serializedQueries,
  severity: (group, { limits }) => (mostAtOnce(group) > 2 && group.totalMs >= limits.serializedMs ? 'warning' : 'note'),
  title: (group) =>
    `${sayFunction(group.site)} sends up to ${mostAtOnce(group)} statements at once over one connection, which runs them one after the other, ${sayTimes(group.count)}; the last one waited up to ${sayMs(group.maxMs)}`,
  advice: adviseSerialized,
  facts: (group) => ({ atOnceMax: mostAtOnce(group), queuedStatements: group.sums.get('queued') ?? 0, meanMs: group.totalMs / group.count }),
};

/** Statements that queued behind each other, with the one that they queued behind. */
function batchesOf(checkout: Checkout): Query[][] {
  const batches: Query[][] = [];
  let batch: Query[] = [];
  const close = (): void => {
    if (batch.length > 1) batches.push(batch);
    batch = [];
  };
  let before: Query | undefined;
  for (const query of checkout.queries) {
    if (!isQueuedBehind(query, before) || !isOneFlow(query, before, checkout)) close();
    batch.push(query);
    before = query;
  }
  close();
  return batches;
}

function isQueuedBehind(query: Query, before: Query | undefined): boolean {
  if (before === undefined || query.queuedMs === 0 || isFurtherRead(query, before)) return false;
  const beforeEndMs = before.startMs + before.ms;
  return submittedMs(query) < beforeEndMs && query.startMs - beforeEndMs < NEXT_MS;
}

/** A client without a pool may be shared by flows that know nothing of each other: only one line is surely one flow. */
function isOneFlow(query: Query, before: Query | undefined, { via }: Checkout): boolean {
  if (via !== 'client') return true;
  const [a, b] = [siteOf(query.stack), siteOf(before?.stack ?? null)];
  return a !== null && a.file === b?.file && a.line === b.line;
}

function offenceOf(batch: readonly Query[], checkout: Checkout, { places }: Context): Offence {
  const queued = batch.slice(1);
  const [first] = queued;
  const texts = batch.map(({ statement }) => statement.text);
  const startMs = batch[0]?.startMs ?? 0;
  return {
    checkout,
    startMs,
    ms: Math.max(...queued.map(({ queuedMs }) => queuedMs)),
    stack: first === undefined ? null : places.ofQuery(first, checkout).stack,
    shape: '',
    statement: texts[1] ?? '',
    statements: [...new Set(texts)].slice(0, 3),
    words: { atOnce: String(batch.length) },
    sums: { queued: queued.length },
  };
}

function mostAtOnce(group: Group): number {
  return Math.max(...[...(group.words.get('atOnce')?.keys() ?? [])].map(Number));
}
