import type { PageData, PageFinding } from '../page-data.js';
import { breakable, formatCount, formatMs, formatShare } from './format.js';
import { Code } from './code.js';
import { Place } from './links.js';

const KICKERS = { findings: 'Starving', healthy: 'Healthy', inconclusive: 'No verdict' } as const;

/** What an engineer must know in ten seconds: the sentence, the line to change first, and how bad it was. */
export function Verdict({ data }: { data: PageData }) {
  const first = data.findings[data.first];
  return (
    <section class={`verdict ${data.verdict}`} aria-labelledby="verdict">
      <p class="kicker">
        <Sign verdict={data.verdict} /> {kickerOf(data)}
      </p>
      <h1 id="verdict">{emphasise(data.summary)}</h1>
      {data.missing.length > 0 && (
        <div class="missing">
          <h2>What is missing</h2>
          <ul>
            {data.missing.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
      {first !== undefined && <FirstLine data={data} finding={first} />}
      <Figures data={data} />
    </section>
  );
}

function kickerOf(data: PageData): string {
  if (data.verdict === 'findings' && data.episodes.length === 0) return data.findings.length === 1 ? 'One finding' : `${formatCount(data.findings.length)} findings`;
  return KICKERS[data.verdict];
}

function FirstLine({ data, finding }: { data: PageData; finding: PageFinding }) {
  const { site } = finding;
  if (site === null) return null;
  const excerpt = data.excerpts[site.excerpt];
  const line = excerpt?.lines[site.site.line - excerpt.firstLine];
  return (
    <div class="first-line">
      <p class="label">Change this line first</p>
      <p class="place">
        <Place site={site.site} />
        {site.site.function !== '' && (
          <>
            {' '}
            in <code>{site.site.function}</code>
          </>
        )}
        <a class="why-link" href={`#${encodeURIComponent(finding.fingerprint)}`}>
          Why, and what to do
        </a>
      </p>
      {line !== undefined && (
        <pre class="line" tabIndex={0} aria-label={`Line ${site.site.line}`}>
          <code>
            <Code text={line.trim()} />
          </code>
        </pre>
      )}
    </div>
  );
}

function Figures({ data }: { data: PageData }) {
  const pools = data.pools.flatMap((pool) => (pool.summary === null ? [] : [pool.summary]));
  if (pools.length === 0) return null;
  const most = (pick: (pool: (typeof pools)[number]) => number): number => Math.max(...pools.map(pick));
  const exhausted = most((pool) => pool.exhaustedMs);
  const largest = data.findings.find((finding) => finding.share !== null);
  const share = largest?.share ?? null;
  // The sentence above may already say it.
  const shareText = share === null || data.summary.includes(formatShare(share)) ? null : formatShare(share);
  const figures: [value: string, label: string, bad: boolean][] = [
    ...(shareText === null ? [] : ([[shareText, `of all connection time goes to the largest finding, ${largest?.rule}`, true]] as [string, string, boolean][])),
    [formatMs(most((pool) => pool.wait.maxMs)), `longest wait for a connection (99 % waited at most ${formatMs(most((pool) => pool.wait.p99Ms))})`, data.episodes.length > 0],
    [formatCount(most((pool) => pool.pendingMax)), 'requests waiting at once, at worst', data.episodes.length > 0],
    [formatMs(exhausted), `without a free connection, of ${formatMs(data.run.durationMs)}`, data.episodes.length > 0],
    [formatCount(pools.reduce((total, pool) => total + pool.checkouts, 0)), pools.length > 1 ? `checkouts, from ${formatCount(pools.length)} pools` : `checkouts, half of them held for more than ${formatMs(most((pool) => pool.use.p50Ms))}`, false],
  ];
  return (
    <dl class="figures">
      {figures.map(([value, label, bad]) => (
        <div key={label} class={bad ? 'bad' : ''}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The number that matters stands out: the first percentage of the sentence, else its first limit ("more than 3 ms"). Paths may break after a slash. */
function emphasise(text: string) {
  // A number and its unit stay on one line.
  const summary = text.replace(/(\d) (?=(?:ms|s|min|h|%)(?![\w]))/g, '$1\u00a0');
  const match = /\b\d[\d,.]*\s?%/.exec(summary) ?? /(?<=\b(?:than|most|least|to) )\d[\d,.]*\s?(?:ms|s|min|h)\b/.exec(summary);
  if (match === null) return breakable(summary);
  return (
    <>
      {breakable(summary.slice(0, match.index))}
      <strong>{match[0]}</strong>
      {breakable(summary.slice(match.index + match[0].length))}
    </>
  );
}

function Sign({ verdict }: { verdict: PageData['verdict'] }) {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" class="sign">
      {verdict === 'findings' && <path d="M10 1.8 19 17.5H1zM10 7v5.2M10 14.2v1.3" />}
      {verdict === 'healthy' && <path d="M10 1.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 10.4l2.8 2.8 5.3-5.8" />}
      {verdict === 'inconclusive' && <path d="M10 1.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM7.4 7.6c.2-3 5.3-2.9 5.2.1 0 1.9-2.6 2.1-2.6 4M10 13.9v1.3" />}
    </svg>
  );
}
