/**
 * A big trace of a service that might exist: three pools, plain queries, transactions of several statements, awaits inside of
 * some of them, rushes in which requests wait, a blocked event loop now and then, connections that are never given back.
 * The lines are written by the recorder's own code, from the records that the probe would have put into the ring.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { Folder } from '../../../probes/recorder/fold.js';
import { LineBuffer } from '../../../probes/recorder/line-buffer.js';
import { RECORD, STATUS_FACTOR, pair } from '../../../probes/recorder/records.js';
import { createSharedRing, RingConsumer, RingProducer } from '../../../probes/recorder/ring.js';
import { FORMAT_VERSION, type RawFrame, type RawGap, type TraceLine } from '../../../probes/trace/events.js';
import { openHeap } from '../../../reports/what-if/heap.js';
import { randomFrom, type Random } from './random.js';

const DRAIN_MS = 50;
const STARTED_AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const POOLS = [
  { id: 1, max: 20, share: 0.6, acquireTimeoutMs: 0 },
  { id: 2, max: 10, share: 0.3, acquireTimeoutMs: 5000 },
  { id: 3, max: 5, share: 0.1, acquireTimeoutMs: 0 },
] as const;
const STATEMENTS = [
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  ...['users', 'orders', 'articles', 'baskets', 'payments', 'sessions', 'prices', 'stock'].flatMap((table) => [
    `select * from ${table} where id = $1`,
    `select id, name, created_at from ${table} where owner = $1 order by created_at desc limit $2`,
    `insert into ${table} (owner, name, amount, created_at) values ($1, $2, $3, now()) returning id`,
    `update ${table} set amount = amount - $1, changed_at = now() where id = $2`,
  ]),
];
const BEGIN = 1;
const COMMIT = 2;
const ROLLBACK = 3;
const FIRST = 4;
const RELEASED = 0;
const TIMED_OUT = 2;
const STATUS = { I: 0, T: 1, E: 2 } as const;

/** Writes a trace of `checkouts` checkouts to `file`; the same one for the same seed. */
export function makeTrace(file: string, checkouts: number, seed = 1): void {
  const fd = openSync(file, 'w');
  try {
    new Service(fd, randomFrom(seed)).run(checkouts);
  } finally {
    closeSync(fd);
  }
}

type Write = () => void;

class Service {
  readonly #out = new LineBuffer();
  readonly #producer: RingProducer;
  readonly #folder: Folder;
  readonly #due = openHeap<{ atMs: number; order: number; write: Write }>((a, b) => a.atMs - b.atMs || a.order - b.order);
  readonly #freeSlots: number[] = [];
  readonly #freeAt: number[][] = POOLS.map(({ max }) => Array.from({ length: max }, () => 5));
  #slots = 0;
  #order = 0;
  #drainedMs = 0;
  #lastMs = 0;

  constructor(
    private readonly fd: number,
    private readonly random: Random,
  ) {
    const ring = createSharedRing();
    this.#producer = new RingProducer(ring);
    this.#folder = new Folder(new RingConsumer(ring), this.#out);
  }

  run(checkouts: number): void {
    this.#line({ type: 'trace', version: FORMAT_VERSION, tool: '0.1.0', startedAt: STARTED_AT, pid: 4711, ppid: 1, thread: 0, node: process.version, platform: 'linux', cwd: '/srv/shop', script: '/srv/shop/server.js' });
    this.#define();
    let atMs = 40;
    for (let id = 1; id <= checkouts; id += 1) {
      // Once a minute there is a rush.
      const isRush = atMs % 60_000 > 55_000;
      atMs += (isRush ? 0.25 : 1.2) * 2 * this.random();
      this.#writeUntil(atMs);
      this.#request(id, round(atMs), checkouts);
      if (id % 50_000 === 0) this.#record(round(atMs), RECORD.blocked, [round(atMs), 120]);
    }
    this.#writeUntil(Infinity);
    const endMs = round(this.#lastMs + 20_000);
    this.#line({ type: 'end', t: endMs, exitCode: 0 });
    this.#drain();
  }

  #define(): void {
    for (const [index, text] of STATEMENTS.entries()) this.#line({ type: 'statement', id: index + 1, text });
    for (let id = 1; id <= 40; id += 1) this.#line({ type: 'stack', id, frames: framesOf(id) });
    for (const { id, max, acquireTimeoutMs } of POOLS) {
      this.#line({ type: 'pool', id, t: 1, kind: 'pg-pool', version: '3.11.0', max, acquireTimeoutMs, stack: id });
      for (let slot = 0; slot < max; slot += 1) {
        const connection = id * 100 + slot;
        this.#line({ type: 'connection', id: connection, t: 1, pool: id, state: 'connecting' });
        this.#line({ type: 'connection', id: connection, t: 4, pool: id, state: 'connected', backend: 9000 + connection });
      }
    }
  }

  #request(id: number, t: number, checkouts: number): void {
    const { random } = this;
    const dice = random();
    const index = dice < POOLS[0].share ? 0 : dice < POOLS[0].share + POOLS[1].share ? 1 : 2;
    const pool = POOLS[index];
    const free = this.#freeAt[index] as number[];
    const slot = free.indexOf(Math.min(...free));
    const acquiredMs = round(Math.max(t + 0.003, (free[slot] as number) + 0.01));
    const connection = pool.id * 100 + slot;
    // Call sites are captured now and then.
    const isSeen = id < 500 || random() < 0.02;
    if (pool.acquireTimeoutMs > 0 && acquiredMs - t > pool.acquireTimeoutMs) return this.#timeOut(id, t, pool.id, pool.acquireTimeoutMs);
    // The last pool loses three connections, long before the end.
    const isLost = index === 2 && id > checkouts / 2 && free.filter((ms) => ms === Infinity).length < 3 && random() < 0.001;
    const kind = random();
    if (kind < 0.6 && !isLost) free[slot] = this.#query(id, t, pool.id, acquiredMs, connection, isSeen);
    else free[slot] = this.#connect(id, t, pool.id, acquiredMs, connection, isSeen, kind < 0.93, isLost);
    this.#lastMs = Math.max(this.#lastMs, acquiredMs);
  }

  #timeOut(id: number, t: number, pool: number, timeoutMs: number): void {
    const slot = this.#takeSlot();
    this.#record(t, RECORD.request, [pair(slot, id), t, pool, 1, 5, 0]);
    this.#record(t + timeoutMs, RECORD.end, [pair(slot, id), t + timeoutMs, TIMED_OUT, 0], () => this.#freeSlots.push(slot));
  }

  #query(id: number, t: number, pool: number, acquiredMs: number, connection: number, isSeen: boolean): number {
    const { random } = this;
    const statement = FIRST + Math.floor(random() * (STATEMENTS.length - FIRST));
    const startMs = round(acquiredMs + 0.004);
    const endMs = round(startMs + 0.2 + 4 * random() * random());
    this.#record(endMs, RECORD.query, [id, t, pair(isSeen ? 4 + (statement % 8) : 0, pool), pair(statement, 0), pair(STATUS.I * STATUS_FACTOR + RELEASED, connection), round(acquiredMs - t), startMs, round(endMs - startMs)]);
    return endMs;
  }

  /** @returns when the connection is free again. */
  #connect(id: number, t: number, pool: number, acquiredMs: number, connection: number, isSeen: boolean, inTransaction: boolean, isLost: boolean): number {
    const { random } = this;
    const slot = this.#takeSlot();
    const who = pair(slot, id);
    const site = 12 + Math.floor(random() * 10);
    this.#record(t, RECORD.request, [who, t, pool, 1, isSeen ? site : 0, 0]);
    this.#record(acquiredMs, RECORD.acquire, [who, acquiredMs, connection]);
    let atMs = round(acquiredMs + 0.01 + random() * 0.1);
    const run = (statement: number, status: number, ms: number, error = ''): void => {
      const startMs = atMs;
      const stack = isSeen ? 22 + (statement % 8) : 0;
      this.#record(startMs, RECORD.start, [who, startMs, statement, stack, 0]);
      atMs = round(atMs + ms);
      this.#record(atMs, RECORD.statement, [who, startMs, round(ms), statement, status, 0, stack, error === '' ? 0 : 1], undefined, error);
    };
    const pause = (gap: (startMs: number) => RawGap | null, ms: number): void => {
      const startMs = atMs;
      atMs = round(atMs + ms);
      const raw = gap(round(startMs - t));
      if (raw !== null) this.#record(atMs, RECORD.gap, [who], undefined, JSON.stringify(raw));
    };
    const count = 1 + Math.floor(random() * 3);
    const table = Math.floor(random() * 8) * 4;
    const fails = random() < 0.01;
    if (inTransaction) run(BEGIN, STATUS.T, 0.2 + random());
    for (let index = 0; index < count; index += 1) {
      const isAwait = inTransaction && site < 15 && index === 0;
      if (isAwait) {
        const ms = round(5 + 20 * random());
        pause((startMs) => ({ t: startMs, ms, waits: [{ t: startMs, ms, kind: 'http', detail: 'GET warehouse.internal/stock/:id', ...(isSeen ? { started: 30, awaited: 30 } : {}) }], ...(isSeen ? { ended: 31 } : {}) }), ms);
      } else if (random() < 0.03) {
        const ms = round(5 + 6 * random());
        pause((startMs) => ({ t: startMs, ms, waits: [], ended: 32, ...(isSeen ? {} : { unwatched: true }) }), ms);
      } else pause(() => null, 0.02 + 0.3 * random());
      const fail = fails && inTransaction && index === count - 1;
      run(FIRST + ((table + index) % (STATEMENTS.length - FIRST)), !inTransaction ? STATUS.I : fail ? STATUS.E : STATUS.T, 0.2 + 5 * random() * random(), fail ? '23505' : '');
    }
    pause(() => null, 0.02 + 0.1 * random());
    if (inTransaction && !isLost) run(fails ? ROLLBACK : COMMIT, STATUS.I, 0.3 + 2 * random());
    if (isLost) return Infinity;
    const endMs = round(atMs + 0.01 + 0.05 * random());
    this.#record(endMs, RECORD.end, [who, endMs, RELEASED, 0], () => this.#freeSlots.push(slot));
    return endMs;
  }

  #takeSlot(): number {
    return this.#freeSlots.pop() ?? this.#slots++;
  }

  #record(atMs: number, kind: number, numbers: number[], after?: () => void, text = ''): void {
    this.#due.push({ atMs, order: this.#order++, write: () => {
      this.#put(kind, numbers, text);
      after?.();
    } });
  }

  #put(kind: number, numbers: readonly number[], text: string): void {
    const at = this.#producer.begin(kind, numbers.length, text);
    if (at < 0) throw new Error('the ring is full: drain it more often');
    for (const [index, number] of numbers.entries()) this.#producer.cells[at + index] = number;
    this.#producer.commit();
  }

  #line(line: TraceLine): void {
    this.#put(RECORD.line, [], JSON.stringify(line));
  }

  /** The records that are due, drained as often as the writer thread does. */
  #writeUntil(ms: number): void {
    for (let next = this.#due.peek(); next !== undefined && next.atMs <= ms; next = this.#due.peek()) {
      if (next.atMs - this.#drainedMs >= DRAIN_MS) {
        this.#drain();
        this.#drainedMs = next.atMs;
      }
      this.#due.pop();
      next.write();
      this.#lastMs = Math.max(this.#lastMs, next.atMs);
    }
  }

  #drain(): void {
    this.#folder.fold();
    writeSync(this.fd, this.#out.written);
    this.#out.clear();
  }
}

function framesOf(id: number): RawFrame[] {
  const handler: RawFrame = [`handle${id}`, `/srv/shop/routes/route-${id % 10}.js`, 10 + id, 20];
  return [handler, ['async dispatch', '/srv/shop/server.js', 31, 5], ['', '/srv/shop/server.js', 60, 3]];
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
