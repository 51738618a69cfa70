import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { useDatabase } from '../support/database.js';
import { lifeguard } from '../cli/lifeguard.js';
import { record } from '../probes/support/recorded.js';
import { directoryWith } from '../reports/support/analyse-text.js';
import { schemaCheck } from './checks.js';
import { DAMAGES } from './damage.js';
import { describeFailure, fuzz } from './fuzz.js';
import { tracesToDamage } from './traces.js';

const { database } = useDatabase(test);

/** Longer ones: `node dist/test/fuzz/main.js --runs 100000`. */
const SEED = 20_260_102;
const ROUNDS = 2;

test('damaged traces are read as far as they go, and nothing is claimed that the whole ones do not show', async (t) => {
  const traces = tracesToDamage();
  const failure = await fuzz({ seed: SEED, runs: DAMAGES.length * traces.size * ROUNDS, traces, checkSchema: schemaCheck() });
  t.is(failure === null ? null : describeFailure(failure), null);
});

test('so are those of a real program', async (t) => {
  const { directory, traces } = await recordLifecycles(t);
  t.true(traces.length > 0, directory);
  const files = new Map(traces.map(({ file }, index): [string, Buffer] => [`real-${index}`, readFileSync(file)]));
  const failure = await fuzz({ seed: SEED, runs: DAMAGES.length * files.size, traces: files, checkSchema: schemaCheck() });
  t.is(failure === null ? null : describeFailure(failure), null);
});

test('the command says in one line what was read and what was not', async (t) => {
  const [service = Buffer.alloc(0)] = tracesToDamage().values();
  const [header = '', ...lines] = service.toString('utf8').trimEnd().split('\n');
  const folder = directoryWith(t, {
    'whole.ndjson': service,
    'foreign.ndjson': `${[header, ...lines.slice(0, 20), 'Server listening', ...lines.slice(20)].join('\n')}\n`,
    'long.ndjson': Buffer.concat([Buffer.from(`${header}\n`), Buffer.alloc(100_000_000, 'x'), Buffer.from(`\n${lines.join('\n')}\n`)]),
    'broken.ndjson.gz': brokenAtItsEnd(gzipSync(service)),
    'empty.ndjson': '',
    'binary.ndjson': Buffer.from([0, 255, 10, 1, 2, 10]),
    'newer.ndjson': `${header.replace('"version":1', '"version":9')}\n`,
    'old/nothing.txt': 'x',
  });
  mkdirSync(join(folder, 'traces.ndjson'));
  writeFileSync(join(folder, 'traces.ndjson', 'a.ndjson'), service);
  const expected: [name: string, report: number, words: RegExp][] = [
    ['whole.ndjson', 0, /^\{/],
    ['traces.ndjson', 0, /^\{/],
    ['foreign.ndjson', 0, /1 line of the trace could not be read, the first is line 22 of foreign\.ndjson/],
    ['long.ndjson', 0, /1 line of the trace could not be read, the first is line 2 of long\.ndjson/],
    ['broken.ndjson.gz', 0, /broken\.ndjson\.gz could not be read beyond line \d+ \(incorrect data check\)/],
    ['empty.ndjson', 2, /empty\.ndjson is no pg-lifeguard trace: it has no whole line\n$/],
    ['binary.ndjson', 2, /binary\.ndjson is no pg-lifeguard trace: its first line is not .*\n$/],
    ['newer.ndjson', 2, /trace format 9; this version reads format 1: update pg-lifeguard\n$/],
    ['old', 2, /no trace in .*old: expected \*\.ndjson/],
  ];
  for (const [name, status, words] of expected) {
    const said = await lifeguard(t, ['report', join(folder, name), '--format', 'json']);
    t.is(said.status, status, `${name}: ${said.stderr}`);
    t.regex(status === 0 ? said.stdout : said.stderr, words, name);
    if (status !== 0) t.is(said.words.length, 1, `${name}: ${said.stderr}`);
  }
});

function recordLifecycles(t: Parameters<typeof record>[0]): ReturnType<typeof record> {
  return database().then((url) => record(t, 'lifecycles.mjs', url, { env: { CLOSED_PORT: '1' } }));
}

/** Its checksum is wrong: what was read may not be what was written. */
function brokenAtItsEnd(packed: Buffer): Buffer {
  packed[packed.length - 8] = (packed[packed.length - 8] as number) ^ 1;
  return packed;
}
