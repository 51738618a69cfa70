import type { Connection } from '../model.js';
import type { CheckoutList } from '../timeline/checkout-list.js';
import { orElse } from '../timeline/times.js';

/** One connection's life in a lane. A lane holds connections one after the other: a pool of ten has ten lanes, however often it reconnects. */
export interface LaneConnection {
  lane: number;
  backend: number;
  startMs: number;
  endMs: number;
}

export interface Lanes {
  count: number;
  connections: LaneConnection[];
  /** Position in `connections` of each checkout; -1 for those that never got one. */
  of: Int32Array;
}

/** Puts the connections of one pool into lanes, in order of their first moment. `checkouts` belong to that pool. */
export function assignLanes(checkouts: CheckoutList, connections: readonly Connection[], endMs: number): Lanes {
  const { lives, of } = collectLives(checkouts, connections, endMs);
  const order = lives.map((life, index) => ({ life, index })).toSorted((a, b) => a.life.startMs - b.life.startMs || a.index - b.index);
  const busyUntil: number[] = [];
  const positions = new Int32Array(lives.length);
  const placed: LaneConnection[] = [];
  for (const { life, index } of order) {
    let lane = busyUntil.findIndex((until) => until <= life.startMs);
    if (lane < 0) lane = busyUntil.length;
    busyUntil[lane] = life.endMs;
    positions[index] = placed.push({ lane, ...life }) - 1;
  }
  return { count: busyUntil.length, connections: placed, of: of.map((life) => positions[life] ?? -1) };
}

type Life = Omit<LaneConnection, 'lane'>;

/** The lives of connections; and of each checkout, the position of its connection's. */
function collectLives(checkouts: CheckoutList, connections: readonly Connection[], endMs: number): { lives: Life[]; of: Int32Array } {
  const lives: Life[] = [];
  const known = new Map<Connection, number>();
  for (const connection of connections) {
    if (connection.connectedMs === null) continue;
    known.set(connection, lives.push({ backend: connection.backend ?? 0, startMs: connection.connectedMs, endMs: connection.closedMs ?? endMs }) - 1);
  }
  const of = new Int32Array(checkouts.length).fill(-1);
  const { times } = checkouts;
  for (let index = 0; index < checkouts.length; index++) {
    const acquiredMs = times.acquiredMs[index] as number;
    if (Number.isNaN(acquiredMs)) continue;
    const until = orElse(times.endedMs[index] as number, endMs);
    const connection = checkouts.connectionOf(index);
    // A checkout whose connection the trace does not know gets a life of its own.
    let position = connection === null ? undefined : known.get(connection);
    if (position === undefined) {
      position = lives.push({ backend: connection?.backend ?? 0, startMs: acquiredMs, endMs: connection?.closedMs ?? until }) - 1;
      if (connection !== null) known.set(connection, position);
    }
    const life = lives[position] as Life;
    life.startMs = Math.min(life.startMs, acquiredMs);
    life.endMs = Math.max(life.endMs, until);
    of[index] = position;
  }
  return { lives, of };
}
