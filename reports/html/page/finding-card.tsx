import type { PageData, PageFinding } from '../page-data.js';
import { CodeExampleBox } from './code-example.js';
import { Sql } from './code.js';
import { Cycle } from './cycle.js';
import { DecompositionBar } from './decomposition.js';
import { Durations } from './durations.js';
import { Excerpt } from './excerpt.js';
import { Witness } from './finding-chain.js';
import { Examples } from './finding-examples.js';
import { Facts } from './finding-facts.js';
import { Frames } from './finding-frames.js';
import type { FindingInRange } from './finding-in-range.js';
import { FindingWaits } from './finding-waits.js';
import { breakable, formatCount, formatMs, formatShare, plural } from './format.js';
import { Place } from './links.js';
import { textOf, type PoolModel } from './model.js';
import type { ViewStore } from './view.js';

const SEVERITY_NAMES = { error: 'Error', warning: 'Warning', note: 'Note' } as const;

interface Props {
  data: PageData;
  finding: PageFinding;
  pools: readonly PoolModel[];
  store: ViewStore;
  open: boolean;
  /** What it was in the selected time; null: nothing is selected, or it is not known. */
  range: FindingInRange | null;
  fromMs: number;
  toMs: number;
}

/** One finding: the heading says what and how much, the body why and what to do. */
export function FindingCard({ data, finding, pools, store, open, range, fromMs, toMs }: Props) {
  const { site, severity } = finding;
  const share = range === null ? finding.share : range.share;
  const decomposition = range === null ? finding.decomposition : range.decomposition;
  const statements = range === null ? finding.statements : range.statements.map((text) => textOf(data, text));
  return (
    <details class={`finding ${severity} ${range?.count === 0 ? 'outside' : ''}`} id={finding.fingerprint} open={open}>
      <summary>
        <span class={`severity ${severity}`}>
          <SeverityIcon severity={severity} />
          {SEVERITY_NAMES[severity]}
        </span>
        <span class="share">
          {share !== null && (
            <>
              <b>{formatShare(share)}</b>
              <span class="share-bar" aria-hidden="true">
                <i style={{ width: `${Math.min(1, share) * 100}%` }} />
              </span>
              <span class="sr">of connection time</span>
            </>
          )}
        </span>
        <h3>{breakable(finding.title)}</h3>
        <span class="meta">
          <code>{finding.rule}</code> · <Amount finding={finding} range={range} />
        </span>
      </summary>
      <div class="body">
        <div class="why">
          {finding.cycle.length > 0 && <Cycle data={data} cycle={finding.cycle} />}
          {site !== null && (data.excerpts[site.excerpt] !== undefined ? <Excerpt data={data} index={site.excerpt} line={site.site.line} column={site.site.column} /> : <NoSource finding={finding} />)}
          <Frames data={data} finding={finding} />
        </div>
        <div class="what">
          <div class="advice">
            <h4>What to do</h4>
            <Advice text={finding.advice} />
            {finding.code !== null && <CodeExampleBox code={finding.code} />}
          </div>
          <Examples data={data} finding={finding} store={store} range={range} fromMs={fromMs} toMs={toMs} />
          <FindingWaits data={data} finding={finding} pools={pools} store={store} range={range} fromMs={fromMs} toMs={toMs} />
        </div>
        <div class="rest">
          {decomposition !== null && decomposition.holdMs > 0 && <DecompositionBar parts={decomposition} isSelected={range !== null} />}
          <Durations counts={range?.durations ?? finding.durations} isWhole={range !== null && range.durations === null} />
          {finding.deep !== undefined && <Witness deep={finding.deep} />}
          {statements.length > 0 && (
            <div class="statements">
              <h4>Statements around it{range !== null && ', in the selected time'}</h4>
              <ul>
                {statements.map((text) => (
                  <li key={text}>
                    <code>
                      <Sql text={text} />
                    </code>
                  </li>
                ))}
              </ul>
            </div>
          )}
          <Facts finding={finding} isSelected={range !== null} />
          <p class="fingerprint">
            <a href={`#${encodeURIComponent(finding.fingerprint)}`}>Link to this finding</a> <code>{finding.fingerprint}</code>
          </p>
        </div>
      </div>
    </details>
  );
}

/** How often and how long: in the selected time, if there is one. */
function Amount({ finding, range }: { finding: PageFinding; range: FindingInRange | null }) {
  if (range === null) {
    return (
      <>
        {plural(finding.count, 'time')} · {formatMs(finding.totalMs)} in all · {formatMs(finding.maxMs)} at most
      </>
    );
  }
  if (range.count === 0) return <>not in the selected time ({plural(finding.count, 'time')} in the whole run)</>;
  return (
    <>
      in the selected time {range.isRough && 'about '}
      {plural(range.count, 'time')} of {formatCount(finding.count)} · {formatMs(range.ms)} in all · {formatMs(range.maxMs)} at most
    </>
  );
}

function NoSource({ finding }: { finding: PageFinding }) {
  return (
    <p class="quiet">
      The source of {finding.site !== null && <Place site={finding.site.site} />} could not be read when this report was made.
    </p>
  );
}

/** Advice is plain text: paragraphs, and lines that begin with "- " as a list. */
function Advice({ text }: { text: string }) {
  return (
    <>
      {text.split(/\n{2,}/).map((block, i) => {
        const lines = block.split('\n');
        return lines.every((line) => line.startsWith('- ')) ? (
          <ul key={i}>
            {lines.map((line) => (
              <li key={line}>{line.slice(2)}</li>
            ))}
          </ul>
        ) : (
          <p key={i}>{block}</p>
        );
      })}
    </>
  );
}

function SeverityIcon({ severity }: { severity: PageFinding['severity'] }) {
  return (
    <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {severity === 'error' && <path d="M3.6.5h4.8l3.1 3.1v4.8l-3.1 3.1H3.6L.5 8.4V3.6z" />}
      {severity === 'warning' && <path d="M6 .8 11.6 11H.4z" />}
      {severity === 'note' && <circle cx="6" cy="6" r="5" />}
    </svg>
  );
}
