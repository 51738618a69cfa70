import { useId } from 'preact/hooks';
import type { CycleStep } from '../../model.js';
import type { PageData } from '../page-data.js';
import { plural, shortSite } from './format.js';
import { Place } from './links.js';

const WIDTH = 340;
const RAIL = 30;
const POOL = 40;
const STEP = 64;
const SPACE = 22;

/** Who waits for whom: pools give to flows (left), which wait for pools (right), which have nothing left to give. */
export function Cycle({ data, cycle }: { data: PageData; cycle: CycleStep[] }) {
  const id = useId();
  const ids = [...new Set(cycle.flatMap((step) => [step.heldPool, step.wantedPool]))];
  const labelOf = (pool: string): string => {
    const known = data.pools.find((one) => one.id === pool);
    return known === undefined || known.max === 0 ? `Pool ${pool}` : ids.length === 1 ? `Pool of ${known.max}: none left` : `Pool ${pool} of ${known.max}: none left`;
  };
  const inset = RAIL + Math.max(0, cycle.length - 1) * 7;
  const inner = WIDTH - 2 * inset;
  const poolY = (pool: string): number => 4 + ids.indexOf(pool) * (POOL + 14);
  const top = 4 + ids.length * (POOL + 14) - 14 + SPACE + 10;
  const stepY = (i: number): number => top + i * (STEP + SPACE);
  const height = stepY(cycle.length - 1) + STEP + 6;
  const text = cycle.map((step) => describeStep(step)).join(' ');
  return (
    <figure class="cycle">
      <figcaption id={`${id}t`}>Who waits for whom</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-labelledby={`${id}t`} aria-describedby={`${id}d`}>
        <defs>
          <marker id={`${id}a`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse" markerUnits="userSpaceOnUse">
            <path d="M0 0 8 4 0 8z" class="head" />
          </marker>
        </defs>
        {cycle.map((step, i) => {
          const [left, right] = [inset - 12 - i * 7, WIDTH - inset + 12 + i * 7];
          const [from, to, y] = [poolY(step.heldPool) + POOL / 2, poolY(step.wantedPool) + POOL / 2, stepY(i) + STEP / 2];
          return (
            <g key={i}>
              <path class="holds" d={`M${inset} ${from}H${left}V${y}H${inset - 1}`} marker-end={`url(#${id}a)`} />
              <path class="wants" d={`M${WIDTH - inset} ${y}H${right}V${to}H${WIDTH - inset + 1}`} marker-end={`url(#${id}a)`} />
            </g>
          );
        })}
        {ids.map((pool) => (
          <g key={pool}>
            <rect class="pool" x={inset} y={poolY(pool)} width={inner} height={POOL} rx="20" />
            <text class="name" x={WIDTH / 2} y={poolY(pool) + POOL / 2 + 4.5} text-anchor="middle">
              {fit(labelOf(pool), inner, 7.2)}
            </text>
          </g>
        ))}
        {cycle.map((step, i) => (
          <g key={i}>
            <rect class="flow" x={inset} y={stepY(i)} width={inner} height={STEP} rx="7" />
            <text class="name" x={inset + 12} y={stepY(i) + 19}>
              {plural(step.flows, 'flow')}
            </text>
            <text class="line" x={inset + 12} y={stepY(i) + 36}>
              {`${step.flows === 1 ? 'holds' : 'hold'} one since ${fit(step.heldAt === null ? 'an unknown place' : shortSite(step.heldAt), inner - 120, 6.4)}`}
            </text>
            <text class="line" x={inset + 12} y={stepY(i) + 53}>
              {`${step.flows === 1 ? 'waits' : 'wait'} for one more at ${fit(step.wantedAt === null ? 'an unknown place' : shortSite(step.wantedAt), inner - 150, 6.4)}`}
            </text>
          </g>
        ))}
      </svg>
      <p class="sr" id={`${id}d`}>
        {text}
      </p>
      <ol class="cycle-steps">
        {cycle.map((step, i) => (
          <li key={i}>
            {plural(step.flows, 'flow')}: connection from {step.heldAt === null ? 'an unknown place' : <Place site={step.heldAt} />}, one more wanted at {step.wantedAt === null ? 'an unknown place' : <Place site={step.wantedAt} />}
          </li>
        ))}
      </ol>
    </figure>
  );
}

function describeStep({ flows, heldPool, heldAt, wantedPool, wantedAt }: CycleStep): string {
  const place = (site: CycleStep['heldAt']): string => (site === null ? 'an unknown place' : `${site.file}:${site.line}`);
  return `${plural(flows, 'flow')} ${flows === 1 ? 'holds' : 'hold'} a connection of pool ${heldPool}, taken at ${place(heldAt)}, and ${flows === 1 ? 'waits' : 'wait'} for one of pool ${wantedPool} at ${place(wantedAt)}.`;
}

/** The end of a place tells more than its beginning. */
function fit(text: string, width: number, perCharacter: number): string {
  const most = Math.max(6, Math.floor(width / perCharacter));
  return text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;
}
