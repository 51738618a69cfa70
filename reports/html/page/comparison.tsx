import './comparison.css';
import type { Comparison, ComparedFinding, ComparedPool, ComparedRun, Measure, PoolMetric } from '../../compare/model.js';
import { POOL_METRICS } from '../../compare/model.js';
import { METRIC_NAMES, sayMetric, sayNoise, sayRatio } from '../../compare/words.js';
import { sayMs } from '../../words.js';
import { ComparisonBars } from './comparison-bars.js';
import { breakable, formatCount, formatMs, plural } from './format.js';
import { Place } from './links.js';
import { Masthead } from './masthead.js';

const KICKERS = { better: 'Better', worse: 'Worse', mixed: 'Better and worse', same: 'No difference', inconclusive: 'No verdict' } as const;
const TONES = { better: 'healthy', worse: 'findings', mixed: 'inconclusive', same: 'healthy', inconclusive: 'inconclusive' } as const;

/** Two runs side by side. */
export function ComparisonPage({ comparison }: { comparison: Comparison }) {
  const { before, after, findings, pools, unmatchedPools, verdict } = comparison;
  return (
    <>
      <a class="skip" href="#findings">
        Skip to the findings
      </a>
      <Masthead data={{ run: after.run }} />
      <main>
        <section class={`verdict ${TONES[verdict]}`} aria-labelledby="verdict">
          <p class="kicker">{KICKERS[verdict]}</p>
          <h1 id="verdict">{comparison.summary}</h1>
          <div class="runs">
            <Run when="Before" run={before} />
            <Run when="After" run={after} />
          </div>
        </section>
        <section aria-labelledby="findings-title">
          <h2 id="findings-title">
            <span id="findings">Findings</span>
          </h2>
          {findings.length === 0 && <p>Neither run has any.</p>}
          {findings.map((finding) => (
            <Finding key={finding.fingerprint} finding={finding} />
          ))}
        </section>
        {pools.map((pool) => (
          <Pool key={pool.name} pool={pool} />
        ))}
        {unmatchedPools.map(({ name, in: run }) => (
          <p key={name}>
            The pool of <code>{breakable(name)}</code> was used in the run {run} only.
          </p>
        ))}
        <p class="colophon">
          A difference counts when it is a tenth at least and lies beyond the scatter of both runs, each taken in up to sixteen parts; what is surely less than a quarter apart is called the same. This file holds everything it shows and sends nothing anywhere.
        </p>
      </main>
    </>
  );
}

function Run({ when, run }: { when: string; run: ComparedRun }) {
  return (
    <div class="run-card">
      <h2>{when}</h2>
      <p>
        <code>{breakable(run.name)}</code>
      </p>
      <p class="quiet">
        {plural(run.checkouts, 'checkout')} in {formatMs(run.run.durationMs)}, {plural(run.findings, 'finding')}
      </p>
      <p>{breakable(run.summary)}</p>
    </div>
  );
}

function Finding({ finding }: { finding: ComparedFinding }) {
  const { change, severity, rule, title, callSite, movedFrom, costMs, count, doubt, fingerprint } = finding;
  const ratio = sayRatio(costMs.before, costMs.after);
  const noise = sayNoise(costMs, sayMs);
  return (
    <article class={`compared ${change}`} id={fingerprint}>
      <p class="compared-head">
        <b class="compared-change">{change === 'unclear' ? 'not to be told from noise' : change}</b> {severity} · {rule}
      </p>
      <h3>{title}</h3>
      {callSite !== null && (
        <p>
          <Place site={callSite} />
          {callSite.function !== '' && (
            <>
              {' '}
              in <code>{callSite.function}</code>
            </>
          )}
          {movedFrom !== null && (
            <span class="quiet">
              {' '}
              (it was at {breakable(movedFrom.file)}:{movedFrom.line})
            </span>
          )}
        </p>
      )}
      <ComparisonBars before={costMs.before} after={costMs.after} format={(ms) => `${formatMs(ms)} a checkout`} />
      <p class="quiet">
        {formatCount(count.before)} → {formatCount(count.after)} times
        {ratio !== '' && `, ${ratio} connection time a checkout`}
        {(change === 'better' || change === 'worse' || change === 'unclear') && noise !== '' && ` (${noise})`}
      </p>
      {doubt !== null && <p class="compared-doubt">Doubt: {doubt}.</p>}
    </article>
  );
}

function Pool({ pool }: { pool: ComparedPool }) {
  const size = pool.max.before === pool.max.after ? plural(pool.max.after, 'connection') : `${pool.max.before} → ${plural(pool.max.after, 'connection')}`;
  return (
    <section>
      <h2>
        The pool of <code>{breakable(pool.name)}</code>, {size}
      </h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Numbers of the pool of ${pool.name}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {POOL_METRICS.map((metric) => (
              <Row key={metric} metric={metric} measure={pool.metrics[metric]} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ metric, measure }: { metric: PoolMetric; measure: Measure }) {
  const { before, after, verdict } = measure;
  const isGood = (verdict === 'higher') === (metric === 'checkoutsPerSecond');
  const word = verdict === 'same' ? 'same' : verdict === 'unclear' ? 'within the noise' : isGood ? 'better' : 'worse';
  const noise = verdict === 'same' ? '' : sayNoise(measure, (value) => sayMetric(metric, value));
  return (
    <tr>
      <td>{METRIC_NAMES[metric]}</td>
      <td>{sayMetric(metric, before)}</td>
      <td>{sayMetric(metric, after)}</td>
      <td class={`compared-word ${word}`}>
        {sayRatio(before, after)} <b>{word}</b> {noise !== '' && <span class="quiet">({noise})</span>}
      </td>
    </tr>
  );
}
