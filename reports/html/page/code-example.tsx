import { diffCode, type DiffLine } from '../../advice/code-diff.js';
import type { CodeExample } from '../../advice/examples.js';
import { Code } from './code.js';

/** The way out as code, in outline: lines that change places are marked. */
export function CodeExampleBox({ code }: { code: CodeExample }) {
  const lines = diffCode(code);
  return (
    <div class="code-example">
      <Outline name="Before" kind="before" lines={lines} />
      <Outline name="After" kind="after" lines={lines} />
      <p class="quiet">In outline{code.via !== '' && `, and in the words of pg: ${code.via} has its own for it`}.</p>
    </div>
  );
}

function Outline({ name, kind, lines }: { name: string; kind: 'before' | 'after'; lines: readonly DiffLine[] }) {
  const other = kind === 'before' ? 'after' : 'before';
  return (
    <figure class={kind}>
      <figcaption>{name}</figcaption>
      <pre tabIndex={0} aria-label={name}>
        {lines.map((line, i) => {
          const text = line[kind];
          if (text === null) return null;
          return (
            <code key={i} class={line[other] === null && text !== '' ? 'changed' : ''}>
              {text === '' ? ' ' : <Code text={text} />}
              {'\n'}
            </code>
          );
        })}
      </pre>
    </figure>
  );
}
