import test from 'ava';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Folder } from '../../probes/recorder/fold.js';
import { LineBuffer } from '../../probes/recorder/line-buffer.js';
import { LONGEST_TEXT, RECORD, STATUS_FACTOR, firstOf, pair, secondOf } from '../../probes/recorder/records.js';
import { RING_CELLS, RingConsumer, RingProducer, createSharedRing } from '../../probes/recorder/ring.js';
import { TraceFile } from '../../probes/recorder/trace-file.js';
import { CHECKOUT_OUTCOMES, CHECKOUT_SOURCES, TRANSACTION_STATUSES, type CheckoutLine, type RawGap, type TraceHeader } from '../../probes/trace/events.js';
import { temporaryFolder } from '../support/folder.js';
import { mergeParts } from './support/holds.js';
import { Random } from './support/random.js';

interface Written {
  kind: number;
  numbers: number[];
  text: string;
}

function write(producer: RingProducer, { kind, numbers, text }: Written): boolean {
  let at = producer.begin(kind, numbers.length, text);
  if (at < 0) return false;
  for (const number of numbers) producer.cells[at++] = number;
  producer.commit();
  return true;
}

/** All that is in the ring. `lengths` says how many numbers the records have, and whether a text, in their order. */
function drain(consumer: RingConsumer, expected: readonly Written[]): Written[] {
  const read: Written[] = [];
  consumer.drain((kind, at) => {
    const { numbers = [], text = '' } = expected[read.length] ?? {};
    read.push({
      kind,
      numbers: numbers.map((_, index) => consumer.at(at + index)),
      text: text === '' ? '' : consumer.text(at + numbers.length),
    });
  });
  return read;
}

/** As UTF-8 has it: halves of surrogate pairs are not characters. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString('utf8');
}

test('records come out as they went in, in their order, however often the ring goes round', (t) => {
  const random = new Random(1);
  const ring = createSharedRing();
  const [producer, consumer] = [new RingProducer(ring), new RingConsumer(ring)];
  const control = new Int32Array(ring.control);
  let waiting: Written[] = [];
  let [accepted, refused, cells] = [0, 0, 0];
  // Long enough for the ring to go round some ten times.
  while (cells < RING_CELLS * 10) {
    const record: Written = {
      kind: 1 + random.below(255),
      numbers: Array.from({ length: random.below(14) }, () => random.next() * 2 ** 40),
      text: random.chance(0.3) ? random.text(random.chance(0.1) ? LONGEST_TEXT : 60) : '',
    };
    if (write(producer, record)) {
      accepted++;
      waiting.push(record);
    } else {
      refused++;
    }
    cells += 2 + record.numbers.length + record.text.length / 4;
    // Seldom enough for it to be full at times.
    if (random.chance(random.chance(0.5) ? 0.001 : 0.0001)) {
      t.deepEqual(drain(consumer, waiting), waiting);
      waiting = [];
    }
  }
  t.deepEqual(drain(consumer, waiting), waiting);
  t.true(refused > 0 && accepted > refused, `${accepted} accepted, ${refused} refused`);
  t.is(control[2], refused, 'what is dropped is counted');
});

test('a full ring refuses, an emptied one takes again; its size is not exceeded', (t) => {
  const ring = createSharedRing();
  const [producer, consumer] = [new RingProducer(ring), new RingConsumer(ring)];
  const record: Written = { kind: 3, numbers: [1, 2, 3], text: '' };
  for (let round = 0; round < 3; round++) {
    let count = 0;
    while (write(producer, record)) count++;
    t.true(count * 4 < RING_CELLS && count * 4 > RING_CELLS - 8, `${count} records of four cells`);
    t.is(drain(consumer, Array.from({ length: count }, () => record)).length, count);
    t.is(drain(consumer, []).length, 0);
  }
});

test('a record that fits at the end to the cell leaves the ring in order', (t) => {
  for (let spare = 0; spare < 6; spare++) {
    const ring = createSharedRing();
    const [producer, consumer] = [new RingProducer(ring), new RingConsumer(ring)];
    const filler: Written = { kind: 1, numbers: Array.from({ length: 99 }, (_, i) => i), text: '' };
    const written: Written[] = [];
    for (let used = 0; used + 100 <= RING_CELLS - 100; used += 100) {
      write(producer, filler);
      written.push(filler);
    }
    t.deepEqual(drain(consumer, written).length, written.length);
    const left = RING_CELLS - written.length * 100;
    const last: Written = { kind: 2, numbers: Array.from({ length: left - 1 - spare }, (_, i) => i), text: '' };
    const next: Written = { kind: 3, numbers: [7, 8], text: 'text' };
    t.true(write(producer, last) && write(producer, next));
    t.deepEqual(drain(consumer, [last, next]), [last, next], `${spare} cells to spare`);
  }
});

test('numbers of milliseconds are the shortest decimal of their microseconds', (t) => {
  const random = new Random(2);
  const out = new LineBuffer();
  const format = (value: number): string => {
    out.clear();
    return Buffer.from(out.ms(value).written).toString('ascii');
  };
  const wrong: [number, string][] = [];
  for (let i = 0; i < 200_000; i++) {
    const micros = i < 20_000 ? i : random.below(10 ** (1 + random.below(15)));
    if (format(micros / 1000) !== String(micros / 1000)) wrong.push([micros / 1000, format(micros / 1000)]);
    const value = random.next() * 10 ** random.below(12);
    const isNearHalf = Math.abs(((value * 1000) % 1) - 0.5) < 1e-3;
    if (!isNearHalf && format(value) !== String(Number(value.toFixed(3)))) wrong.push([value, format(value)]);
  }
  t.deepEqual(wrong.slice(0, 5), []);
  t.deepEqual([-1, -0, -1e-9, Number.NaN, 0.0004, 0.0005].map(format), ['0', '0', '0', '0', '0', '0.001']);
});

test('integers and text of any length are written as they are', (t) => {
  const random = new Random(3);
  const out = new LineBuffer();
  let expected = '';
  for (let i = 0; i < 3000; i++) {
    const number = random.below(10 ** (1 + random.below(15)));
    const text = wellFormed(random.text(random.chance(0.01) ? 100_000 : 40));
    out.int(number).ascii(',').utf8(text);
    expected += `${number},${text}`;
  }
  t.true(Buffer.from(out.written).equals(Buffer.from(expected)));
});

/** What happens to a checkout, with the numbers of its record by name. */
class Checkout {
  readonly line: CheckoutLine;
  running = false;
  gaps = 0;
  /** Its request is written as it is served, or as it ends without. */
  isLate: boolean;
  #queuedMs = 0;

  constructor(
    readonly slot: number,
    random: Random,
    id: number,
    t: number,
  ) {
    this.line = { type: 'checkout', id, t, pool: random.below(3), via: random.pick(CHECKOUT_SOURCES), q: [], gaps: [] };
    const [stack, inside] = [random.below(3), random.below(2) * random.below(id)];
    if (stack > 0) this.line.stack = stack;
    if (inside > 0) this.line.inside = inside;
    this.isLate = random.chance(0.5);
  }

  get #who(): number {
    return pair(this.slot, this.line.id);
  }

  requested(): Written {
    return { kind: RECORD.request, numbers: this.#request(), text: '' };
  }

  #request(): number[] {
    const { t, pool, via, stack = 0, inside = 0 } = this.line;
    return [this.#who, t, pool, CHECKOUT_SOURCES.indexOf(via), stack, inside];
  }

  /** The next thing that happens to it, at `now`. */
  step(random: Random, now: number): Written[] {
    const { line } = this;
    const at = (ms: number): number => Math.round((ms - line.t) * 1000) / 1000;
    if (line.connection === undefined) {
      const end = random.chance(0.2) ? this.#end(random, now, random.pick(['timeout', 'failed'] as const)) : null;
      if (end !== null) return this.isLate ? [this.requested(), end] : [end];
      line.connection = 1 + random.below(100);
      line.waitMs = at(now);
      if (this.isLate) return [{ kind: RECORD.taken, numbers: [...this.#request(), now - line.t, line.connection], text: '' }];
      return [{ kind: RECORD.acquire, numbers: [this.#who, now, line.connection], text: '' }];
    }
    if (this.running) {
      this.running = false;
      const [started, start, startStack] = line.running ?? [0, 0, 0];
      line.running = null;
      if (random.chance(0.5)) {
        const [ms, status] = [Math.max(0, at(now) - start), random.pick(TRANSACTION_STATUSES)];
        line.q?.push([started, start, Math.round(ms * 1000) / 1000, status, '', Math.round(this.#queuedMs * 1000) / 1000, startStack]);
        return [{ kind: RECORD.answered, numbers: [this.#who, ms, TRANSACTION_STATUSES.indexOf(status)], text: '' }];
      }
      const [statement, ms, status, stack] = [1 + random.below(9), Math.max(0, at(now) - start), random.pick(TRANSACTION_STATUSES), random.below(3)];
      const [queuedMs, error] = [random.below(2) * (1 + random.ms(50)), random.chance(0.1) ? random.pick(['23505', 'ECONNRESET', random.text(9)]) : ''];
      line.q?.push([statement, start, Math.round(ms * 1000) / 1000, status, error, Math.round(queuedMs * 1000) / 1000, stack]);
      const numbers = [this.#who, line.t + start, ms, statement, TRANSACTION_STATUSES.indexOf(status), queuedMs, stack, error === '' ? 0 : 1];
      return [{ kind: RECORD.statement, numbers, text: error }];
    }
    if (random.chance(0.2)) return [this.#end(random, now, random.pick(['released', 'destroyed'] as const))];
    if (random.chance(0.3)) {
      const open = random.chance(0.3);
      const gap: RawGap = { t: this.gaps, ms: at(now), waits: random.chance(0.5) ? [{ t: 0, ms: 1, kind: 'http', detail: wellFormed(random.text(99)) }] : [], ...(open ? { open } : {}) };
      // One that is open is written again, at the same time.
      if (!open) this.gaps++;
      line.gaps = [...new Map([...(line.gaps ?? []), gap].map((other) => [other.t, other])).values()];
      return [{ kind: RECORD.gap, numbers: [this.#who], text: JSON.stringify(gap) }];
    }
    this.running = true;
    line.running = [1 + random.below(9), at(now), random.below(3)];
    this.#queuedMs = random.below(2) * (1 + random.ms(50));
    return [{ kind: RECORD.start, numbers: [this.#who, line.t + line.running[1], line.running[0], line.running[2], this.#queuedMs], text: '' }];
  }

  #end(random: Random, now: number, outcome: (typeof CHECKOUT_OUTCOMES)[number]): Written {
    const { line } = this;
    const ms = Math.round((now - line.t) * 1000) / 1000;
    if (line.connection === undefined) line.waitMs = ms;
    else line.useMs = Math.round((ms - (line.waitMs ?? 0)) * 1000) / 1000;
    line.outcome = outcome;
    const error = random.chance(0.3) ? random.pick(['57P01', 'ECONNREFUSED']) : '';
    if (error !== '') line.error = error;
    return { kind: RECORD.end, numbers: [this.#who, now, CHECKOUT_OUTCOMES.indexOf(outcome), error === '' ? 0 : 1], text: error };
  }
}

/** With all defaults said, and nothing of what is no matter. */
function normalise(line: CheckoutLine): unknown {
  const { running, q = [], gaps = [], ...rest } = line;
  const queries = q.map(([statement, start, ms, status = 'I', error = '', queuedMs = 0, stack = 0]) => [statement, start, ms, status, error, queuedMs, stack]);
  return { ...rest, running: running ?? null, q: queries, gaps };
}

/** Differences of a microsecond come from adding what was rounded. */
function isClose(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) < 0.0025;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [entries, others] = [Object.entries(a), new Map(Object.entries(b))];
  return entries.length === others.size && entries.every(([key, value]) => others.has(key) && isClose(value, others.get(key)));
}

for (const seed of [11, 12, 13, 14]) {
  test(`random lives of checkouts, drained at random times, are those of a plain model (${seed})`, (t) => {
    const random = new Random(seed);
    const ring = createSharedRing();
    const [producer, out] = [new RingProducer(ring), new LineBuffer()];
    const folder = new Folder(new RingConsumer(ring), out);
    const [all, open]: [Checkout[], (Checkout | null)[]] = [[], []];
    let text = '';
    const fold = (): void => {
      out.clear();
      folder.fold();
      text += Buffer.from(out.written).toString('utf8');
    };
    for (let now = 1; all.length < 300 || open.some((checkout) => checkout !== null); now = Math.round((now + 0.001 + random.ms(3)) * 1000) / 1000) {
      const living = open.filter((checkout) => checkout !== null);
      if (all.length < 300 && (living.length === 0 || random.chance(0.2))) {
        const free = open.indexOf(null);
        const checkout = new Checkout(free < 0 ? open.length : free, random, all.length + 1, now);
        open[checkout.slot] = checkout;
        all.push(checkout);
        if (!checkout.isLate) write(producer, checkout.requested());
      } else if (living.length > 0) {
        const checkout = random.pick(living);
        for (const record of checkout.step(random, now)) write(producer, record);
        if (checkout.line.outcome !== undefined) open[checkout.slot] = null;
      }
      if (random.chance(0.1)) fold();
    }
    fold();
    const parts = text.trim().split('\n').map((line): CheckoutLine => JSON.parse(line));
    t.true(parts.length > all.length, 'some are in parts');
    const merged = mergeParts(parts).map(normalise);
    const expected = all.map(({ line }) => normalise(line));
    const different = expected.findIndex((line, index) => !isClose(line, merged[index]));
    t.deepEqual(different < 0 ? null : merged[different], different < 0 ? null : expected[different]);
    t.is(merged.length, expected.length);
  });
}

test('a whole pool.query is written from one record', (t) => {
  const random = new Random(5);
  const ring = createSharedRing();
  const [producer, out] = [new RingProducer(ring), new LineBuffer()];
  const folder = new Folder(new RingConsumer(ring), out);
  for (let round = 0; round < 2000; round++) {
    const [id, pool, stack, inside, connection, statement] = [1 + random.below(2 ** 32), 1 + random.below(2 ** 32), random.below(10_001), random.below(2 ** 32), random.below(2 ** 32), random.below(5001)];
    const [at, waitMs, way, ms] = [random.below(1e12) / 1000, random.below(50_000) / 1000, random.below(1000) / 1000, random.below(50_000) / 1000];
    const [status, outcome] = [random.pick(TRANSACTION_STATUSES), random.pick(CHECKOUT_OUTCOMES)];
    const ending = TRANSACTION_STATUSES.indexOf(status) * STATUS_FACTOR + CHECKOUT_OUTCOMES.indexOf(outcome);
    write(producer, { kind: RECORD.query, numbers: [id, at, pair(stack, pool), pair(statement, inside), pair(ending, connection), waitMs, at + waitMs + way, ms], text: '' });
    out.clear();
    folder.fold();
    const line: CheckoutLine = JSON.parse(Buffer.from(out.written).toString('utf8'));
    const start = Math.round((waitMs + way) * 1000) / 1000;
    const expected: CheckoutLine = { type: 'checkout', id, t: at, pool, via: 'query', connection, waitMs, useMs: Math.round((way + ms) * 1000) / 1000, outcome, q: [[statement, start, ms, status]] };
    if (stack !== 0) expected.stack = stack;
    if (inside !== 0) expected.inside = inside;
    t.true(isClose(normalise(line), normalise(expected)), JSON.stringify({ line, expected }));
  }
});

test('a pair gives back what went in', (t) => {
  for (const first of [0, 1, 4711, 2 ** 21 - 1]) {
    for (const second of [0, 1, 2 ** 31, 2 ** 32 - 1]) t.deepEqual([firstOf(pair(first, second)), secondOf(pair(first, second))], [first, second]);
  }
});

test('a gap that was open and has ended before it was written is written once', (t) => {
  const ring = createSharedRing();
  const [producer, out] = [new RingProducer(ring), new LineBuffer()];
  const folder = new Folder(new RingConsumer(ring), out);
  const gap = (start: number, ms: number, more = ''): Written => ({ kind: RECORD.gap, numbers: [pair(0, 1)], text: `{"t":${start},"ms":${ms},"waits":[]${more}}` });
  write(producer, { kind: RECORD.request, numbers: [pair(0, 1), 10, 1, 1, 0, 0], text: '' });
  write(producer, { kind: RECORD.acquire, numbers: [pair(0, 1), 10, 1], text: '' });
  for (const record of [gap(1, 5), gap(1.5, 200, ',"open":true'), gap(1.5, 210), gap(15, 9)]) write(producer, record);
  folder.fold();
  const { gaps }: CheckoutLine = JSON.parse(Buffer.from(out.written).toString('utf8'));
  t.deepEqual(gaps, [{ t: 1, ms: 5, waits: [] }, { t: 1.5, ms: 210, waits: [] }, { t: 15, ms: 9, waits: [] }]);
});

test('what follows on a request that was dropped is left out, also when its place is taken by another', (t) => {
  const ring = createSharedRing();
  const [producer, out] = [new RingProducer(ring), new LineBuffer()];
  const folder = new Folder(new RingConsumer(ring), out);
  write(producer, { kind: RECORD.acquire, numbers: [pair(0, 1), 10, 1], text: '' });
  write(producer, { kind: RECORD.request, numbers: [pair(0, 2), 11, 1, 1, 0, 0], text: '' });
  write(producer, { kind: RECORD.acquire, numbers: [pair(0, 1), 12, 1], text: '' });
  write(producer, { kind: RECORD.end, numbers: [pair(0, 1), 13, 0, 0], text: '' });
  folder.fold();
  const lines = Buffer.from(out.written).toString('utf8').trim().split('\n');
  t.deepEqual(lines.map((line): unknown => JSON.parse(line)), [{ type: 'checkout', id: 2, t: 11, pool: 1, via: 'connect' }]);
});

const HEADER: TraceHeader = { type: 'trace', version: 1, tool: '1', startedAt: 0, pid: 1, ppid: 0, thread: 0, node: 'v20', platform: 'linux', cwd: '/', script: '' };

test('the file is made with the first line, and says what was lost', (t) => {
  const path = join(temporaryFolder(t), 'deep', 'trace.ndjson');
  const ring = createSharedRing();
  const producer = new RingProducer(ring);
  const file = new TraceFile(ring, { path, header: HEADER, keep: null });
  file.drain(1, '{"type":"alive","t":1}\n');
  t.false(existsSync(path), 'nothing happened yet');
  const line: Written = { kind: RECORD.line, numbers: [], text: '{"type":"alive","t":2}' };
  let count = 0;
  while (write(producer, line)) count++;
  write(producer, line);
  file.drain(3);
  write(producer, line);
  file.drain(4, '{"type":"alive","t":4}\n');
  file.close();
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  t.deepEqual(JSON.parse(lines[0] ?? ''), HEADER);
  t.is(lines.filter((text) => text === line.text).length, count + 1);
  t.deepEqual(lines.slice(count + 1), ['{"type":"lost","t":3,"events":2}', line.text, '{"type":"alive","t":4}']);
});
