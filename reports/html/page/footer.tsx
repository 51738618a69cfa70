import type { PageData } from '../page-data.js';
import { breakable, formatCount, formatMs, plural } from './format.js';
import { Place } from './links.js';

/** The run, and everything that limits what this report can know. */
export function Footer({ data }: { data: PageData }) {
  const { run, problems, lost } = data;
  return (
    <footer>
      <section aria-labelledby="run-title">
        <h2 id="run-title">The run</h2>
        {run.processes.length > 0 && <div class="scroll" tabIndex={0} role="region" aria-label="Processes">
          <table>
            <thead>
              <tr>
                <th scope="col">Process</th>
                <th scope="col">Script</th>
                <th scope="col">Node.js</th>
                <th scope="col">End</th>
              </tr>
            </thead>
            <tbody>
              {run.processes.slice(0, 50).map((process) => (
                <tr key={`${process.pid}.${process.thread}`}>
                  <td>
                    {process.pid}
                    {process.thread > 0 && `, worker ${process.thread}`}
                  </td>
                  <td>
                    <code>{breakable(process.script)}</code>
                  </td>
                  <td>{process.node}</td>
                  <td>{process.complete ? `exit ${process.exitCode ?? '?'}` : 'cut off'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>}
        {run.processes.length > 50 && <p>and {formatCount(run.processes.length - 50)} more.</p>}
        <dl class="facts">
          <div>
            <dt>Directory</dt>
            <dd>
              <code>{breakable(run.cwd)}</code>
            </dd>
          </div>
          <div>
            <dt>Recorded for</dt>
            <dd>{formatMs(run.durationMs)}</dd>
          </div>
          {data.pools.slice(0, 8).map((pool) => (
            <div key={pool.id}>
              <dt>{pool.label}</dt>
              <dd>
                {pool.kind} {pool.max > 0 && (pool.acquireTimeoutMs > 0 ? `· a request fails after ${formatMs(pool.acquireTimeoutMs)}` : '· a request waits for ever')}
                {pool.madeAt !== null && (
                  <>
                    {' · made at '}
                    <Place site={pool.madeAt} />
                  </>
                )}
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section aria-labelledby="doubt-title">
        <h2 id="doubt-title">What this report may miss</h2>
        {problems.length === 0 && lost.events + lost.probeErrors + lost.badLines === 0 ? (
          <p>Nothing that we know of: no event was lost, the probe had no error, every line of the trace was read.</p>
        ) : (
          <>
            <p>
              {plural(lost.events, 'lost event')}, {plural(lost.probeErrors, 'error')} of the probe, {plural(lost.badLines, 'unreadable line')}.
            </p>
            <ul>
              {problems.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </>
        )}
        <p class="colophon">{data.tool}. This file holds everything it shows and sends nothing anywhere. SQL is recorded without its literals.</p>
      </section>
    </footer>
  );
}
