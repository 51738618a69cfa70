import type { PageFinding } from '../page-data.js';
import { breakable, formatMs } from './format.js';
import { CAUSES } from './causes.js';

/** Names of facts are for machines; those that do not explain themselves once they are taken apart ("poolMax", "depth") have words. */
const NAMES: Partial<Record<string, string>> = {
  acquireTimeoutMs: 'acquire timeout',
  atOnceMax: 'statements at once, at most',
  behind: 'requests behind them',
  certain: 'certainly lost',
  connectionFrom: 'connection taken at',
  deadlockFromFlows: 'flows that can stop it for good',
  depth: 'connections that a flow holds at once',
  flowsAtOnce: 'such flows at once, at most',
  heldFrom: 'the first connection is held from',
  heldMax: 'connections held meanwhile, at most',
  inTransaction: 'within a transaction',
  kind: 'kind of wait',
  laterCheckoutsInside: 'later checkouts inside of it',
  leaked: 'connections lost',
  limitMs: 'counted from',
  meanMs: 'on average',
  meanTimes: 'times, on average',
  pendingMax: 'requests waiting at once, at most',
  poolMax: 'size of the pool',
  queuedStatements: 'statements that had to queue',
  samePool: 'of the same pool',
  safePoolRule: 'size that is safe',
  smallestSafePool: 'smallest pool that could not deadlock',
  starvedMs: 'starved for',
  stillWaiting: 'still waiting at the end',
  timeouts: 'requests that timed out',
  timesInAll: 'times in all',
  timesMax: 'times in one, at most',
  waitingMax: 'requests waiting meanwhile, at most',
};

/** Facts that are worth a line only when they are otherwise. */
const AS_EXPECTED: Partial<Record<string, string | number | boolean>> = { placeKnown: true, sampledLate: 0, limitMs: 0, behind: 0, timeouts: 0 };

const BLAME = /^blame\d+$/;

/** What else is known of a finding, in the whole run; of waiting, what it was for, as a list. */
export function Facts({ finding, isSelected }: { finding: PageFinding; isSelected: boolean }) {
  const blame = finding.facts.filter(([name]) => BLAME.test(name));
  const facts = finding.facts.filter(([name, value]) => !BLAME.test(name) && AS_EXPECTED[name] !== value && value !== '');
  return (
    <>
      {blame.length > 0 && (
        <div class="statements">
          <h4>What they waited for{isSelected && ', in the whole run'}</h4>
          <ul>
            {blame.map(([name, value]) => (
              <li key={name}>{breakable(String(value))}</li>
            ))}
          </ul>
        </div>
      )}
      {facts.length > 0 && (
        <div>
          {isSelected && <h4>In the whole run</h4>}
          <dl class="facts">
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{NAMES[name] ?? takeApart(name)}</dt>
                <dd>{sayValue(name, value)}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </>
  );
}

/** "endedBy" as words, without the unit that the value carries. */
function takeApart(name: string): string {
  return name
    .replace(/Ms$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

function sayValue(name: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return breakable(name === 'cause' ? (Object.entries(CAUSES).find(([cause]) => cause === value)?.[1] ?? value) : value);
  return name.endsWith('Ms') ? formatMs(value) : value.toLocaleString('en', { maximumFractionDigits: 2 });
}
