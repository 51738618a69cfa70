/** A small, seeded generator (mulberry32): the same seed makes the same trace on every machine. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below;
  };
}

/** A trace of a pool of two in which anything may happen: waits of all lengths, overlapping statements, blocks, no end. */
export function randomTrace(seed: number): string {
  const random = generator(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random(values.length))] as T;
  const lines = ['pool 1 max 2', 'connection 1 connecting 0 connected 3', 'connection 2 connecting 1 connected 9'];
  const freeAt = [3, 9];
  let requestMs = 0;
  for (let id = 1; id <= 30; id += 1) {
    requestMs += random(20);
    const slot = (freeAt[0] as number) <= (freeAt[1] as number) ? 0 : 1;
    const acquireMs = Math.max(requestMs, freeAt[slot] as number);
    const waitMs = acquireMs - requestMs;
    if (waitMs > 60) {
      lines.push(`checkout ${id} from ${text(requestMs)} timeout 40`);
      continue;
    }
    const parts = randomParts(random, pick, waitMs);
    const useMs = parts.endMs - waitMs + random(3);
    freeAt[slot] = acquireMs + useMs + random(0.2);
    const open = id > 28 && random(2) < 1;
    lines.push(`checkout ${id} from ${text(requestMs)} wait ${text(waitMs)}${open ? '' : ` use ${text(useMs)}`} connection ${slot + 1} at handler@/app/app.js:${1 + Math.floor(random(3))}`, ...parts.lines);
    if (open) freeAt[slot] = Infinity;
  }
  let blockMs = 0;
  for (let block = 0; block < 4; block += 1) {
    blockMs += random(80);
    const endMs = blockMs + random(40);
    lines.push(`blocked ${text(blockMs)}..${text(endMs)} at crunch@/app/app.js:9`);
    blockMs = endMs;
  }
  return [...lines, `alive ${text(requestMs + 200)}`].join('\n');
}

function randomParts(random: (below: number) => number, pick: <T>(values: readonly T[]) => T, startMs: number): { lines: string[]; endMs: number } {
  const lines: string[] = [];
  let atMs = startMs;
  let inTransaction = false;
  for (let index = Math.floor(random(7)); index > 0; index -= 1) {
    atMs += random(2);
    if (random(3) < 1) {
      const endMs = atMs + random(30);
      lines.push(`${text(atMs)}..${text(endMs)} wait ${pick(['timer', 'http', 'unknown', 'promise'])} ${pick(['', 'started f@/app/app.js:20', 'started g@/app/app.js:21', 'awaited h@/app/app.js:22 foreign'])}`);
      atMs = endMs;
    }
    const endMs = atMs + random(10);
    inTransaction = random(2) < 1;
    lines.push(`${text(atMs)}..${text(endMs)} sql ${pick(['select 1', 'update t', 'select 2'])}${inTransaction ? ' -> T' : ''}`);
    // The next one may be sent before this one is answered.
    atMs = random(4) < 1 ? atMs + random(endMs - atMs) : endMs;
  }
  return { lines, endMs: atMs + 12 };
}

function text(ms: number): string {
  return ms.toFixed(3);
}
