import type { PageData, PageFinding } from '../page-data.js';
import { Excerpt } from './excerpt.js';
import { breakable } from './format.js';
import { Place } from './links.js';

/** The call sites from the offence outward, and the package in which it happened. */
export function Frames({ data, finding }: { data: PageData; finding: PageFinding }) {
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
          return (
            <li key={i}>
              {i > 0 && data.excerpts[excerpt] !== undefined ? (
                <details>
                  {/* No link in it: a control inside another one is out of reach for many. The source below has it. */}
                  <summary>
                    <code>{site.function || 'anonymous'}</code>{' '}
                    <code class="quiet">
                      {breakable(site.file)}:{site.line}
                    </code>
                  </summary>
                  <Excerpt data={data} index={excerpt} line={site.line} column={site.column} />
                </details>
              ) : (
                <>
                  <code>{site.function || 'anonymous'}</code> <Place site={site} />
                </>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
