export interface BarsProps {
  before: number;
  after: number;
  format: (value: number) => string;
}

const WIDTH = 100;

/** Two lengths below each other; the longer one fills the width. */
export function ComparisonBars({ before, after, format }: BarsProps) {
  const most = Math.max(before, after);
  if (most <= 0) return null;
  const rows = [
    ['before', before],
    ['after', after],
  ] as const;
  return (
    <dl class="compared-bars">
      {rows.map(([when, value]) => (
        <div key={when}>
          <dt>{when}</dt>
          <dd>
            <svg viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true">
              <rect class={`compared-bar-${when}`} width={(value / most) * WIDTH} height="10" />
            </svg>
            <span>{format(value)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
