import type { Checkout, Connection } from '../model.js';
import { orElse, timesOf } from '../timeline/times.js';

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
export function assignLanes(checkouts: readonly Checkout[], connections: readonly Connection[], endMs: number): Lanes {
  const lives = collectLives(checkouts, connections, endMs);
  const order = lives.map((life, index) => ({ life, index })).toSorted((a, b) => a.life.startMs - b.life.startMs || a.index - b.index);
  const busyUntil: number[] = [];
  const of = new Int32Array(checkouts.length).fill(-1);
  const placed: LaneConnection[] = [];
  for (const { life } of order) {
    let lane = busyUntil.findIndex((until) => until <= life.startMs);
    if (lane < 0) lane = busyUntil.length;
    busyUntil[lane] = life.endMs;
    const position = placed.push({ lane, backend: life.backend, startMs: life.startMs, endMs: life.endMs }) - 1;
    for (const checkout of life.checkouts) of[checkout] = position;
  }
  return { count: busyUntil.length, connections: placed, of };
}

interface Life {
  backend: number;
  startMs: number;
  endMs: number;
  checkouts: number[];
}

function collectLives(checkouts: readonly Checkout[], connections: readonly Connection[], endMs: number): Life[] {
  const lives = new Map<Connection | Checkout, Life>();
  for (const connection of connections) {
    if (connection.connectedMs === null) continue;
    lives.set(connection, { backend: connection.backend ?? 0, startMs: connection.connectedMs, endMs: connection.closedMs ?? endMs, checkouts: [] });
  }
  const times = timesOf(checkouts);
  for (const [index, checkout] of checkouts.entries()) {
    const acquiredMs = times.acquiredMs[index] as number;
    if (Number.isNaN(acquiredMs)) continue;
    // A checkout whose connection the trace does not know gets a life of its own.
    const key = checkout.connection ?? checkout;
    const until = orElse(times.endedMs[index] as number, endMs);
    let life = lives.get(key);
    if (life === undefined) {
      life = { backend: checkout.connection?.backend ?? 0, startMs: acquiredMs, endMs: checkout.connection?.closedMs ?? until, checkouts: [] };
      lives.set(key, life);
    }
    life.startMs = Math.min(life.startMs, acquiredMs);
    life.endMs = Math.max(life.endMs, until);
    life.checkouts.push(index);
  }
  return [...lives.values()];
}
