import type { PageData, PageFinding } from '../page-data.js';
import { Sql } from './code.js';
import { DecompositionBar } from './decomposition.js';
import { Excerpt } from './excerpt.js';
import { Examples } from './finding-examples.js';
import { Frames } from './finding-frames.js';
import { breakable, formatMs, formatShare, plural } from './format.js';
import type { ViewStore } from './view.js';

const SEVERITY_NAMES = { error: 'Error', warning: 'Warning', note: 'Note' } as const;

/** One finding: the heading says what and how much, the body why and what to do. */
export function FindingCard({ data, finding, store, open }: { data: PageData; finding: PageFinding; store: ViewStore; open: boolean }) {
  const { site, severity } = finding;
  return (
    <details class={`finding ${severity}`} id={finding.fingerprint} open={open}>
      <summary>
        <span class={`severity ${severity}`}>
          <SeverityIcon severity={severity} />
          {SEVERITY_NAMES[severity]}
        </span>
        <span class="share">
          {finding.share === null ? (
            <span class="quiet">no share</span>
          ) : (
            <>
              <b>{formatShare(finding.share)}</b>
              <span class="share-bar" aria-hidden="true">
                <i style={{ width: `${Math.min(1, finding.share) * 100}%` }} />
              </span>
              <span class="sr">of connection time</span>
            </>
          )}
        </span>
        <h3>{breakable(finding.title)}</h3>
        <span class="meta">
          <code>{finding.rule}</code> · {plural(finding.count, 'time')} · {formatMs(finding.totalMs)} in all · {formatMs(finding.maxMs)} at most
        </span>
      </summary>
      <div class="body">
        <div class="why">
          {site !== null && (data.excerpts[site.excerpt] !== undefined ? <Excerpt data={data} index={site.excerpt} line={site.site.line} /> : <NoSource finding={finding} />)}
          <Frames data={data} finding={finding} />
          {finding.statements.length > 0 && (
            <div class="statements">
              <h4>Statements around it</h4>
              <ul>
                {finding.statements.map((text) => (
                  <li key={text}>
                    <code>
                      <Sql text={text} />
                    </code>
                  </li>
                ))}
              </ul>
            </div>
          )}
          {finding.facts.length > 0 && (
            <dl class="facts">
              {finding.facts.map(([name, value]) => (
                <div key={name}>
                  <dt>{factName(name)}</dt>
                  <dd>{factValue(name, value)}</dd>
                </div>
              ))}
            </dl>
          )}
        </div>
        <div class="what">
          <div class="advice">
            <h4>What to do</h4>
            <Advice text={finding.advice} />
          </div>
          {finding.decomposition !== null && <DecompositionBar parts={finding.decomposition} />}
          <Examples data={data} finding={finding} store={store} />
          <p class="fingerprint">
            <a href={`#${encodeURIComponent(finding.fingerprint)}`}>Link to this finding</a> <code>{finding.fingerprint}</code>
          </p>
        </div>
      </div>
    </details>
  );
}

/** Names of facts are for machines ("meanMs"): as words, without the unit that their value then carries. */
function factName(name: string): string {
  return name
    .replace(/Ms$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

function factValue(name: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return breakable(value);
  return name.endsWith('Ms') ? formatMs(value) : value.toLocaleString('en', { maximumFractionDigits: 2 });
}

function NoSource({ finding }: { finding: PageFinding }) {
  return (
    <p class="quiet">
      The source of{' '}
      <code>
        {breakable(finding.site?.site.file ?? '')}:{finding.site?.site.line}
      </code>{' '}
      could not be read when this report was made.
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
