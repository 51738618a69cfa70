import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES } from '../../../probes/trace/events.js';
import { callersOf } from '../../callers.js';
import { at } from '../element.js';
import type { PageData } from '../page-data.js';
import { listActivities } from './activity.js';
import { Sql } from './code.js';
import { breakable, formatCount, formatMoment, formatMs, plural } from './format.js';
import { Place } from './links.js';
import { framesOf, textOf, type PoolModel } from './model.js';
import { useView, type ViewStore } from './view.js';
import { WaitHolders } from './wait-holders.js';

const SOURCES: Record<(typeof CHECKOUT_SOURCES)[number], string> = { query: 'pool.query', connect: 'pool.connect', client: 'a client of its own' };
const OUTCOMES: Record<(typeof CHECKOUT_OUTCOMES)[number], string> = {
  released: 'released',
  destroyed: 'released, and its connection closed',
  timeout: 'gave up waiting: the acquire timeout',
  failed: 'failed before it got a connection',
};

const MAX_ROWS = 60;

/** The selected checkout in words. */
export function Details({ data, pool, store }: { data: PageData; pool: PoolModel; store: ViewStore }) {
  const { selected } = useView(store, ['selected']);
  return (
    <div class="details" role="region" aria-label="Selected checkout" aria-live="polite">
      {selected < 0 || selected >= pool.count ? <p class="quiet">No checkout selected.</p> : <Selected data={data} pool={pool} checkout={selected} store={store} />}
    </div>
  );
}

function Selected({ data, pool, checkout, store }: { data: PageData; pool: PoolModel; checkout: number; store: ViewStore }) {
  const [requested, acquired, ended] = [at(pool.requested, checkout), at(pool.acquired, checkout), at(pool.ended, checkout)];
  const lane = at(pool.lane, checkout);
  const outcome = CHECKOUT_OUTCOMES[at(pool.outcome, checkout)];
  const source = CHECKOUT_SOURCES[at(pool.via, checkout)] ?? 'connect';
  const backend = pool.connections.backend[at(pool.connection, checkout)] ?? 0;
  const error = textOf(data, at(pool.error, checkout));
  const frames = framesOf(data, at(pool.stack, checkout));
  const activities = listActivities(data, pool, checkout);
  return (
    <>
      <div class="details-head">
        <h3>
          Checkout {at(pool.id, checkout)}: {lane < 0 ? `waited ${formatMs(ended - requested)}, and never got a connection` : `held for ${formatMs(ended - acquired)}`}
        </h3>
        <button type="button" onClick={() => store.set({ fromMs: requested - (ended - requested) * 0.1, toMs: ended + (ended - requested) * 0.1 })}>
          Zoom to it
        </button>
        <button type="button" onClick={() => store.set({ selected: -1 })}>
          Close
        </button>
      </div>
      <p>
        Requested by <code>{SOURCES[source]}</code> at {formatMoment(requested)}, waited {formatMs(acquired - requested)}
        {lane >= 0 && `, lane ${lane + 1}`}
        {backend > 0 && ` (server process ${backend})`}, {outcome === undefined ? (lane < 0 ? 'and still waited when the trace ended' : 'not released when the trace ended') : OUTCOMES[outcome]}
        {error !== '' && ` (${error})`}.
      </p>
      {frames.length > 0 && (
        <p class="frames-line">
          {[...frames.slice(0, 1), ...callersOf(frames)].slice(0, 5).map((frame, i) => (
            <span key={i}>
              {i > 0 && ' ← '}
              <code>{frame.function}</code> <Place site={frame} />
            </span>
          ))}
        </p>
      )}
      <WaitHolders data={data} pool={pool} checkout={checkout} store={store} />
      <ol class="steps">
        {activities.slice(0, MAX_ROWS).map((activity, i) => (
          <li key={i} class={activity.ms > (ended - acquired) * 0.25 ? 'long' : ''}>
            <span class="when">+{formatMs(activity.startMs - acquired)}</span>
            <b>{formatMs(activity.ms)}</b>
            <span>
              <i class={`swatch fill-${activity.kind}`} aria-hidden="true" />
              {activity.kind === 'sql' ? (
                <code>
                  <Sql text={activity.text.replace(/^running /, '')} />
                </code>
              ) : (
                breakable(activity.text)
              )}
              {activity.site !== null && (
                <>
                  {' '}
                  <Place site={activity.site} />
                </>
              )}
            </span>
          </li>
        ))}
      </ol>
      {activities.length > MAX_ROWS && <p class="quiet">and {plural(activities.length - MAX_ROWS, 'more step')} (of {formatCount(activities.length)}).</p>}
    </>
  );
}
