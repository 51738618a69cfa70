import test from 'ava';
import { useDatabase } from '../support/database.js';
import { recordProgram, runProgram } from '../support/program.js';
import { programFiles } from './support/recorded.js';

const { database } = useDatabase(test);

interface Difference {
  name: string;
  /** What the program sees without us, where that is the same for all versions of node. */
  bare?: string;
  recorded: string | ((bare: string) => string);
  because: string;
}

/** node's major version; from 24 on, async_hooks can leave promises alone. */
const NODE = Number.parseInt(process.versions.node, 10);

const KNOWN_DIFFERENCES: readonly Difference[] = [
  {
    name: 'symbols of a result',
    bare: '',
    recorded: NODE < 24 ? 'Symbol(async_id_symbol) Symbol(trigger_async_id_symbol)' : '',
    because: 'an init hook makes node itself mark every promise, as AsyncLocalStorage and every APM agent do',
  },
  {
    name: 'frames of what is thrown in a callback',
    bare: '[]',
    recorded: "[ 'pg-client.js' ]",
    because: 'the methods that we wrap call the original ones, and are on the stack while those run',
  },
  {
    name: 'exit listeners of process',
    recorded: (bare) => String(Number(bare) + 1),
    because: 'what is left in the ring is written when the process ends',
  },
  { name: 'source of a wrapped method', bare: 'false', recorded: 'true', because: 'a function says its own source; its name and length are those of the original' },
  { name: 'source of EventEmitter.init', bare: 'true', recorded: 'false', because: 'likewise' },
  {
    name: 'channels with subscribers',
    bare: '[]',
    recorded: "[ 'undici:request:create', 'http.client.request.start', 'child_process' ]",
    because: 'this is how node tells of requests and child processes',
  },
  { name: 'environment', bare: '[]', recorded: "[ 'LIFEGUARD_DIR', 'NODE_OPTIONS' ]", because: 'this is how the preload gets into a program and its children' },
];

const DIFFERS = 'differs: ';

/** From the names of observations to what was observed. */
function readObservations(stdout: string): Map<string, string> {
  const observed = new Map<string, string>();
  let last = '';
  for (const line of stdout.trimEnd().split('\n')) {
    const [, name, value = ''] = /^(\S.*?) = (.*)$/.exec(line) ?? [];
    if (name === undefined) observed.set(last, `${observed.get(last)}\n${line}`);
    else observed.set((last = name), value);
  }
  return observed;
}

test('a program sees no difference, but for what is known', async (t) => {
  const options = { files: programFiles(), entry: 'observations.mjs', env: { DATABASE_URL: await database() } };
  const [bare, recorded] = await Promise.all([runProgram(t, options), recordProgram(t, options)]);
  t.is(bare.status, 0, bare.stderr);
  t.is(recorded.traces.length, 1);
  t.deepEqual([recorded.status, recorded.signal, recorded.stderr], [bare.status, bare.signal, bare.stderr.replaceAll(bare.folder, recorded.folder)]);
  const [before, after] = [readObservations(bare.stdout), readObservations(recorded.stdout)];
  t.true(before.size > 100, `${before.size} observations`);
  t.deepEqual([...after.keys()], [...before.keys()]);
  const names = [...before.keys()];
  t.deepEqual(
    names.filter((name) => !name.startsWith(DIFFERS) && after.get(name) !== before.get(name)).map((name) => [name, before.get(name), after.get(name)]),
    [],
  );
  // Nothing differs but what has its reason here, and that in no other way.
  t.deepEqual(names.filter((name) => name.startsWith(DIFFERS)).toSorted(), KNOWN_DIFFERENCES.map(({ name }) => DIFFERS + name).toSorted());
  for (const { name, bare: expected, recorded: seen, because } of KNOWN_DIFFERENCES) {
    const without = before.get(DIFFERS + name) ?? '';
    if (expected !== undefined) t.is(without, expected, name);
    t.is(after.get(DIFFERS + name), typeof seen === 'string' ? seen : seen(without), `${name}: ${because}`);
  }
});
