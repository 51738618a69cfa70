import type { PageData } from '../page-data.js';
import { Code } from './code.js';
import { Place } from './links.js';

/** Source lines with the guilty one marked. */
export function Excerpt({ data, index, line, column, caption }: { data: PageData; index: number; line: number; column?: number; caption?: string }) {
  const excerpt = data.excerpts[index];
  if (excerpt === undefined) return null;
  const indent = Math.min(...excerpt.lines.filter((text) => text.trim() !== '').map((text) => text.length - text.trimStart().length));
  const cut = Number.isFinite(indent) ? indent : 0;
  return (
    <figure class="excerpt">
      <figcaption>
        {caption !== undefined && `${caption} `}
        <Place site={{ file: excerpt.file, line, column: column ?? 1, function: '' }} />
      </figcaption>
      <div class="scroll" tabIndex={0} role="group" aria-label={`Source of ${excerpt.file}, line ${line}`}>
        <ol start={excerpt.firstLine}>
          {excerpt.lines.map((text, i) => {
            const number = excerpt.firstLine + i;
            const guilty = number === line;
            return (
              <li key={number} class={guilty ? 'guilty' : ''} aria-current={guilty ? 'true' : undefined}>
                <span class="number" aria-hidden="true">
                  {guilty ? '▸' : ''}
                  {number}
                </span>
                <code>{text.trim() === '' ? ' ' : <Code text={text.slice(cut)} />}</code>
              </li>
            );
          })}
        </ol>
      </div>
    </figure>
  );
}
