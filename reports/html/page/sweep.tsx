import './sweep.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageSweep, PageSweepStep } from '../page-sweep.js';
import { formatCount, formatMs, formatShare } from './format.js';
import { SweepPanel } from './sweep-panel.js';

/** Throughput and latency against concurrency, and the same as a table. */
export function Sweep({ sweep }: { sweep: PageSweep }) {
  const [frame, width] = useWidth();
  const shared = { steps: sweep.steps, width, firstWaitAt: sweep.firstWaitAt, stopsAt: sweep.stopsAt };
  return (
    <section class="sweep" aria-labelledby="sweep-title">
      <h2 id="sweep-title">What more requests at a time did</h2>
      {sweep.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      <div ref={frame} class="sweep-charts">
        <figure>
          <figcaption>
            <b class="sweep-rate-name">Throughput</b>, requests a second
          </figcaption>
          <SweepPanel {...shared} label={describeThroughput(sweep)} lines={[{ name: 'rate', value: (step) => step.requestsPerSecond }]} format={(value) => formatCount(Math.round(value))} />
        </figure>
        <figure>
          <figcaption>
            Latency: <b class="sweep-half-name">half</b> and <b class="sweep-most-name">99 %</b> of the answers came within
          </figcaption>
          <SweepPanel
            {...shared}
            label="Latency against the number of requests at a time; the table below has the numbers."
            lines={[
              { name: 'half', value: (step) => step.p50Ms },
              { name: 'most', value: (step) => step.p99Ms },
            ]}
            format={formatMs}
          />
        </figure>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="The steps of the sweep">
        <table>
          <thead>
            <tr>
              <th scope="col">Requests at a time</th>
              <th scope="col">Requests/s</th>
              <th scope="col">Half within</th>
              <th scope="col">99 % within</th>
              <th scope="col">Waited for a connection</th>
              <th scope="col">Failed</th>
            </tr>
          </thead>
          <tbody>
            {sweep.steps.map((step) => (
              <Row key={step.concurrency} step={step} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="quiet sweep-run">
        {sweep.url} · <code>{sweep.command}</code>
      </p>
    </section>
  );
}

function Row({ step }: { step: PageSweepStep }) {
  const answered = step.requests > 0;
  return (
    <tr class={step.waits || step.stopped !== null ? 'sweep-over' : ''}>
      <td>{step.concurrency}</td>
      <td>{step.requestsPerSecond < 10 ? step.requestsPerSecond.toFixed(1) : formatCount(Math.round(step.requestsPerSecond))}</td>
      <td>{answered ? formatMs(step.p50Ms) : '–'}</td>
      <td>{answered ? formatMs(step.p99Ms) : '–'}</td>
      <td>
        {step.waitedShare === 0 ? 'none' : `${formatShare(step.waitedShare)}, up to ${formatMs(step.waitMaxMs)}`}
        {step.stopped === 'stalled' && ' · stopped answering'}
        {step.stopped === 'ended' && ' · its process ended'}
      </td>
      <td>{step.failed === 0 ? '–' : formatCount(step.failed)}</td>
    </tr>
  );
}

function describeThroughput({ steps, throughputStopsGrowingAt }: PageSweep): string {
  const most = Math.max(0, ...steps.map(({ requestsPerSecond }) => requestsPerSecond));
  const knee = throughputStopsGrowingAt === null ? 'and still grew at the end' : `which ${throughputStopsGrowingAt} requests at a time already reach`;
  return `Throughput against the number of requests at a time: at most ${Math.round(most)} requests a second, ${knee}. The table below has the numbers.`;
}

function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const measure = (): void => setWidth(frame.current?.querySelector('figure')?.clientWidth ?? 0);
    measure();
    const observer = new ResizeObserver(measure);
    if (frame.current !== null) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
