import { useEffect } from 'preact/hooks';
import type { PageData, PageFinding } from '../page-data.js';
import { Sql } from './code.js';
import { DecompositionBar } from './decomposition.js';
import { Excerpt } from './excerpt.js';
import { breakable, formatCount, formatMoment, formatMs, formatShare, plural } from './format.js';
import type { ViewStore } from './view.js';

const SEVERITY_NAMES = { error: 'Error', warning: 'Warning', note: 'Note' } as const;

/** What was found, the largest share of connection time first. */
export function Findings({ data, store }: { data: PageData; store: ViewStore }) {
  useEffect(() => {
    const open = (): void => {
      const target = document.getElementById(decodeHash());
      if (!(target instanceof HTMLDetailsElement)) return;
      target.open = true;
      target.scrollIntoView();
    };
    open();
    window.addEventListener('hashchange', open);
    return () => window.removeEventListener('hashchange', open);
  }, []);
  return (
    <section id="findings" aria-labelledby="findings-title">
      <h2 id="findings-title">{data.findings.length === 0 ? 'Findings' : `Findings, by share of connection time`}</h2>
      {data.findings.length === 0 ? <NoFindings data={data} /> : data.findings.map((finding, i) => <FindingCard key={finding.fingerprint} data={data} finding={finding} store={store} open={i === 0} />)}
      {data.hidden.findings > 0 && <p class="quiet">{plural(data.hidden.findings, 'more finding')} with smaller shares: the JSON report has them all.</p>}
    </section>
  );
}

function decodeHash(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
}

function NoFindings({ data }: { data: PageData }) {
  return (
    <div class="empty">
      <svg viewBox="0 0 120 40" width="120" height="40" aria-hidden="true">
        <path d="M0 14c10-8 20-8 30 0s20 8 30 0 20-8 30 0 20 8 30 0M0 26c10-8 20-8 30 0s20 8 30 0 20-8 30 0 20 8 30 0" />
      </svg>
      <p>
        {data.verdict === 'healthy'
          ? 'No rule found anything: no await in an open transaction, no transaction too long, nobody starved.'
          : 'Nothing was found, which means little here: see what is missing, above.'}
      </p>
    </div>
  );
}

function FindingCard({ data, finding, store, open }: { data: PageData; finding: PageFinding; store: ViewStore; open: boolean }) {
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

function Frames({ data, finding }: { data: PageData; finding: PageFinding }) {
  const { frames, via } = finding;
  // One frame is the line that is shown anyway.
  if (frames.length < 2 && via === null) return null;
  return (
    <div class="frames">
      <h4>Called from</h4>
      <ol>
        {via !== null && (
          <li class="via">
            inside the package <b>{via.package}</b> {via.version}: <code>{via.function || 'anonymous'}</code>{' '}
            <span class="quiet">
              {breakable(via.file)}:{via.line}
            </span>
          </li>
        )}
        {frames.map(({ site, excerpt }, i) => {
          const place = (
            <>
              <code>{site.function || 'anonymous'}</code>{' '}
              <span class="quiet">
                {breakable(site.file)}:{site.line}
              </span>
            </>
          );
          return (
            <li key={i}>
              {i > 0 && data.excerpts[excerpt] !== undefined ? (
                <details>
                  <summary>{place}</summary>
                  <Excerpt data={data} index={excerpt} line={site.line} />
                </details>
              ) : (
                place
              )}
            </li>
          );
        })}
      </ol>
    </div>
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

function Examples({ data, finding, store }: { data: PageData; finding: PageFinding; store: ViewStore }) {
  if (finding.examples.length === 0) return null;
  const show = (example: PageFinding['examples'][number]): void => {
    const margin = Math.max(example.ms * 0.75, 0.5);
    const pool = example.pool < 0 ? store.get().pool : example.pool;
    store.set({ pool, fromMs: example.startMs - margin, toMs: example.startMs + example.ms + margin, selected: example.checkout });
    const timeline = document.getElementById('timeline');
    timeline?.scrollIntoView();
    timeline?.querySelector('canvas')?.focus({ preventScroll: true });
  };
  return (
    <div class="examples">
      <h4>{finding.count > finding.examples.length ? `The longest of ${formatCount(finding.count)}` : 'Where it happened'}</h4>
      <ul>
        {finding.examples.map((example, i) => (
          <li key={i}>
            <button type="button" onClick={() => show(example)} title="Show it in the timeline" aria-label={`Show in the timeline: ${formatMs(example.ms)} at ${formatMoment(example.startMs, 10)}`}>
              <b>{formatMs(example.ms)}</b> at {formatMoment(example.startMs, data.endUs > 6e8 ? 1000 : 10)}
            </button>
          </li>
        ))}
      </ul>
    </div>
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
