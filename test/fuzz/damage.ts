/** Ways in which a trace may come to harm on its way. */
import { gzipSync } from 'node:zlib';
import type { Random } from '../bench/analysis/random.js';

export interface Damage {
  name: string;
  /**
   * Whether a reader can tell. Who changes a digit makes another trace of it, of which nobody can know that it is wrong: then
   * there is only to be no crash.
   */
  isVisible: boolean;
  apply(trace: Buffer, random: Random): Buffer;
}

/** Values that no field of a trace may have. */
const WRONG: readonly unknown[] = [true, {}, [], [[]], -5, -0.001, 1e300, { toString: 1 }, [null]];
const FOREIGN = [
  'Server listening on port 3000',
  '',
  'null',
  '42',
  '"text"',
  '[]',
  '{}',
  '{"level":"info","msg":"GET /","time":17}',
  '{"type":"later","t":5,"anything":{"a":[1]}}',
  '{"type":"checkout"}',
  '{"type":"checkout","id":1}',
  '{"type":"checkout","id":"1","t":1,"pool":1,"via":"query"}',
  '{"type":"constructor"}',
  '{"type":"__proto__","t":1}',
  '{"__proto__":{"type":"end","t":1,"exitCode":0}}',
  '{"type":"stack","id":"__proto__","frames":[]}',
  '{"type":"statement","id":"__proto__","text":"x"}',
  '{"type":"checkout","id":1,"t":1,"__proto__":{"outcome":"released"},"gaps":{"__proto__":[]}}',
  '{"type":"checkout","id":7e400,"t":1,"pool":1,"via":"query"}',
  '\u0000\u0001\u0002',
  '\uFEFF{"type":"alive","t":3}',
  '{"type":"alive","t":3',
];

export const DAMAGES: readonly Damage[] = [
  { name: 'cut off', isVisible: true, apply: (trace, random) => trace.subarray(0, Math.floor(random() * trace.length)) },
  { name: 'cut off at a line', isVisible: true, apply: (trace, random) => edit(trace, (lines) => lines.slice(0, 1 + Math.floor(random() * lines.length))) },
  { name: 'without its beginning', isVisible: true, apply: (trace, random) => trace.subarray(1 + Math.floor(random() * trace.length)) },
  { name: 'flipped bits', isVisible: false, apply: (trace, random) => flipped(trace, random, 1 + Math.floor(random() * 20)) },
  { name: 'zeroed stretch', isVisible: false, apply: zeroed },
  { name: 'repeated lines', isVisible: true, apply: (trace, random) => edit(trace, (lines) => repeat(lines, random)) },
  { name: 'reordered lines', isVisible: true, apply: (trace, random) => edit(trace, (lines) => reorder(lines, random)) },
  { name: 'foreign lines', isVisible: true, apply: (trace, random) => edit(trace, (lines) => insert(lines, random, () => pick(FOREIGN, random))) },
  { name: 'long and deep lines', isVisible: true, apply: (trace, random) => edit(trace, (lines) => insert(lines, random, () => pick([longText, deepList, deepObject, longList], random)(random))) },
  { name: 'wrong types', isVisible: true, apply: (trace, random) => edit(trace, (lines) => lines.map((line) => (random() < 0.05 ? withWrongValue(line, random) : line))) },
  { name: 'repeated ids', isVisible: true, apply: (trace, random) => edit(trace, (lines) => lines.flatMap((line) => (line.startsWith('{"type":"checkout"') && random() < 0.1 ? [line, otherOfSameId(line, random)] : [line]))) },
  { name: 'prototype keys', isVisible: true, apply: (trace, random) => edit(trace, (lines) => lines.map((line) => (random() < 0.2 ? line.replace(/^\{/, '{"__proto__":{"outcome":"timeout","t":-1},') : line))) },
  { name: 'two traces in one', isVisible: true, apply: (trace, random) => Buffer.concat(random() < 0.5 ? [trace, trace] : [trace.subarray(0, Math.floor(random() * trace.length)), trace]) },
  { name: 'Windows line ends', isVisible: true, apply: (trace) => Buffer.from(trace.toString('utf8').replaceAll('\n', '\r\n')) },
  { name: 'other spelling of the same JSON', isVisible: true, apply: (trace, random) => edit(trace, (lines) => lines.map((line) => spelledAnew(line, random))) },
  { name: 'another encoding', isVisible: false, apply: (trace, random) => Buffer.from(trace.toString('utf8'), random() < 0.5 ? 'utf16le' : 'latin1') },
  { name: 'packed, cut off', isVisible: true, apply: (trace, random) => cut(gzipSync(trace), random) },
  { name: 'packed, flipped bits', isVisible: true, apply: (trace, random) => flipped(gzipSync(trace), random, 1 + Math.floor(random() * 3), 20) },
  { name: 'packed, with something behind it', isVisible: true, apply: (trace, random) => Buffer.concat([gzipSync(trace), noise(random, 300)]) },
  { name: 'packed, with another gzip behind it', isVisible: true, apply: (trace, random) => Buffer.concat([gzipSync(trace), gzipSync(noise(random, 300))]) },
  { name: 'noise', isVisible: false, apply: (_trace, random) => noise(random, 3000) },
  { name: 'nothing', isVisible: true, apply: () => Buffer.alloc(0) },
];

/** Changes the lines behind the header. */
function edit(trace: Buffer, change: (lines: string[]) => string[]): Buffer {
  const [header = '', ...lines] = trace.toString('utf8').trimEnd().split('\n');
  return Buffer.from(`${[header, ...change(lines)].join('\n')}\n`);
}

function cut(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, Math.floor(random() * bytes.length));
}

function flipped(bytes: Buffer, random: Random, count: number, from = 0): Buffer {
  const changed = Buffer.from(bytes);
  for (let index = 0; index < count; index += 1) {
    const at = Math.min(changed.length - 1, from + Math.floor(random() * (changed.length - from)));
    changed[at] = (changed[at] as number) ^ (1 << Math.floor(random() * 8));
  }
  return changed;
}

function zeroed(trace: Buffer, random: Random): Buffer {
  const changed = Buffer.from(trace);
  const from = Math.floor(random() * changed.length);
  return changed.fill(0, from, Math.min(changed.length, from + Math.floor(random() * 5000)));
}

function repeat(lines: readonly string[], random: Random): string[] {
  const repeated: string[] = [];
  for (const line of lines) {
    repeated.push(line);
    if (random() < 0.1) repeated.push(line);
    if (random() < 0.02) repeated.push(pick(repeated, random));
  }
  return repeated;
}

function reorder(lines: readonly string[], random: Random): string[] {
  const reordered = [...lines];
  const distance = random() < 0.5 ? 2 : lines.length;
  for (let count = Math.ceil(lines.length * 0.05); count > 0; count -= 1) {
    const a = Math.floor(random() * lines.length);
    const b = Math.min(lines.length - 1, a + Math.floor(random() * distance));
    [reordered[a], reordered[b]] = [reordered[b] as string, reordered[a] as string];
  }
  return reordered;
}

function insert(lines: readonly string[], random: Random, make: () => string): string[] {
  const share = random() < 0.5 ? 0.01 : 0.3;
  return lines.flatMap((line) => (random() < share ? [make(), line] : [line]));
}

const longText = (random: Random): string => 'x'.repeat(Math.floor(random() * 300_000));
const deepList = (): string => '['.repeat(20_000);
const deepObject = (): string => `{"type":"checkout","id":1,"t":1,"gaps":${'[{"waits":'.repeat(10_000)}`;
const longList = (random: Random): string => `{"type":"checkout","id":1,"t":1,"pool":1,"via":"query","q":[${Array.from({ length: 5000 }, () => Math.floor(random() * 10)).join(',')}]}`;

function withWrongValue(line: string, random: Random): string {
  const value = JSON.parse(line) as object;
  let holder = value as Record<string, unknown>;
  for (;;) {
    const key = pick(Object.keys(holder), random);
    const inner = holder[key];
    if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && random() < 0.7) holder = inner as Record<string, unknown>;
    else {
      // An empty list of statements or frames is one.
      const wrong = pick(WRONG, random);
      holder[key] = Array.isArray(wrong) && Array.isArray(inner) ? true : typeof inner === 'boolean' && wrong === true ? {} : wrong;
      return JSON.stringify(value);
    }
  }
}

function otherOfSameId(line: string, random: Random): string {
  const value = JSON.parse(line) as Record<string, unknown>;
  return JSON.stringify({ ...value, pool: 1, via: 'connect', useMs: random() * 1e6, waitMs: 0, outcome: 'released', q: [], gaps: [] });
}

/** Blanks, keys in another order, numbers and letters written otherwise: it means the same. */
function spelledAnew(line: string, random: Random): string {
  if (random() < 0.3) return line;
  const entries = Object.entries(JSON.parse(line) as object);
  const ordered = random() < 0.5 ? entries : entries.toReversed();
  const text = JSON.stringify(Object.fromEntries(ordered), null, random() < 0.5 ? 1 : 0).replaceAll('\n', ' ');
  return random() < 0.5 ? text : text.replaceAll('"checkout"', String.raw`"\u0063heckout"`).replaceAll(/(\d+)\.(\d)/g, '$1.$2').replaceAll(/:(\d{1,6}),/g, ':$1e0,');
}

function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length: 1 + Math.floor(random() * length) }, () => Math.floor(random() * 256)));
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)] as Item;
}
