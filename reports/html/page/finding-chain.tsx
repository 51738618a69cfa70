import type { PageChain, PageDeep, PageStep } from '../page-data.js';
import { breakable, formatMs, plural } from './format.js';
import { Place } from './links.js';

/** What clinic's async_hooks trace says of an await: whether it agrees, and the operations that led to the wait's end. */
export function Witness({ deep }: { deep: PageDeep }) {
  return (
    <div class={`witness ${deep.agrees ? 'agrees' : 'differs'}`}>
      <h4>The second witness</h4>
      <p>{breakable(deep.says)}</p>
      {deep.chains.map((chain, i) => (
        <ChainOf key={i} chain={chain} />
      ))}
      {deep.graph !== '' && (
        <p>
          <a href={deep.graph}>Clinic’s bubble graph of the run</a>
        </p>
      )}
    </div>
  );
}

function ChainOf({ chain }: { chain: PageChain }) {
  return (
    <details>
      <summary>
        {plural(chain.operations, 'asynchronous operation')} behind a wait of {formatMs(chain.ms)}
      </summary>
      <ol class="chain">
        {chain.steps.map((step) => (
          <Step key={step.id} step={step} />
        ))}
      </ol>
      <p class="quiet">In the order in which they were created; times are those since the wait began.</p>
    </details>
  );
}

const ROLES = { origin: 'before', awaited: 'awaited', completed: 'completed', resumed: 'went on' } as const;

function Step({ step }: { step: PageStep }) {
  const { what, role, count, createdMs, ranMs, frames, via } = step;
  return (
    <li class={role}>
      <span class="role">{ROLES[role]}</span>
      <span>
        <b>{what}</b>
        {count > 1 && ` × ${count}`}{' '}
        <span class="quiet">
          #{step.id}
          {createdMs >= 0 && ` · created at ${formatMs(createdMs)}`}
          {ranMs !== null && ranMs >= 0 && ` · ran at ${formatMs(ranMs)}`}
        </span>
        {via !== '' && <span class="place quiet">inside {via}</span>}
        {frames.map((site, i) => (
          <span key={i} class="place">
            <code>{site.function || 'anonymous'}</code> <Place site={site} />
          </span>
        ))}
      </span>
    </li>
  );
}
