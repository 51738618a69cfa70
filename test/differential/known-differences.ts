/** What a program could find out if it looked for it, and why that is so. Everything else is the same to the letter. */
import { MODULES, versionIn } from '../support/folder.js';

export interface KnownDifference {
  program: string;
  name: RegExp;
  /** Whether that is all of it, given what is observed without the probe and with it. */
  isAsKnown: (bare: string, recorded: string) => boolean;
  because: string;
  /** It is there with the versions of node and pg that are being tried. */
  isExpected: boolean;
}

/** node's major version. */
const NODE = Number.parseInt(process.versions.node, 10);
const PG_MINOR = Number(versionIn(MODULES, 'pg').split('.')[1]);

const OWN = /[\\/]probes[\\/]instrument[\\/]/;
const MICROTASK = /runMicrotask|runInAsyncScope|at node:internal\/process\/task_queues:/;
const TRAMPOLINE = /\.callbackTrampoline \(node:internal\/async_hooks:/;

/** But for these frames, the stack is the same, as far as there was room for it. */
const frames = (...additional: RegExp[]) => (bare: string, recorded: string): boolean => {
  const [before, after] = [bare.split('\n'), recorded.split('\n')];
  const rest = after.filter((line) => !additional.some((one) => one.test(line)));
  return rest.length < after.length && before.length - rest.length <= after.length - rest.length && rest.every((line, index) => line === before[index]);
};
const values = (...pairs: [bare: string, recorded: string][]) => (bare: string, recorded: string): boolean => pairs.some(([before, after]) => before === bare && after === recorded);

const CALLS_THE_ORIGINAL = 'the methods that we wrap call the original ones, and are on the stack while those run';

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { program: 'pg.mjs', name: /^stack of what is thrown in a callback$/, isAsKnown: frames(OWN, TRAMPOLINE), because: CALLS_THE_ORIGINAL, isExpected: PG_MINOR >= 12 },
  { program: 'stacks.mjs', name: /: where a (?:callback|listener) of .* runs$/, isAsKnown: frames(OWN, TRAMPOLINE), because: CALLS_THE_ORIGINAL, isExpected: true },
  {
    program: 'stacks.mjs',
    name: /: (?:a client with nothing to query|connecting to a pool that has ended|a pool that has ended calls back|a client that connects twice(?: calls back)?)$/,
    isAsKnown: frames(OWN),
    because: `${CALLS_THE_ORIGINAL}; these are mistakes that pg finds at once`,
    isExpected: true,
  },
  {
    program: 'stacks.mjs',
    name: /: (?:values that are none|a named statement twice|a pool that has ended|thrown by a value)$/,
    isAsKnown: frames(OWN, TRAMPOLINE),
    because: `${CALLS_THE_ORIGINAL}; before 8.11, pg gives rejected promises no stack of their own`,
    isExpected: PG_MINOR < 11,
  },
  {
    program: 'stacks.mjs',
    name: /./,
    isAsKnown: frames(TRAMPOLINE, MICROTASK),
    because: 'from node 24 on, nobody can have node leave out its own frame below callbacks while async_hooks are in use, as they are by any APM agent',
    isExpected: NODE >= 24,
  },
  { program: 'pg.mjs', name: /^exit listeners of process$/, isAsKnown: (bare, recorded) => Number(recorded) === Number(bare) + 1, because: 'what is left in the ring is written when the process ends', isExpected: true },
  { program: 'pg.mjs', name: /^source of /, isAsKnown: () => true, because: 'a function says its own source; its name and length are those of the original', isExpected: true },
  {
    program: 'pg.mjs',
    name: /^channels with subscribers$/,
    isAsKnown: values(['[]', "[ 'undici:request:create', 'http.client.request.start', 'child_process' ]"]),
    because: 'this is how node tells of requests and child processes',
    isExpected: true,
  },
  { program: 'pg.mjs', name: /^environment$/, isAsKnown: values(['[]', "[ 'LIFEGUARD_DIR', 'NODE_OPTIONS' ]"]), because: 'this is how the preload gets into a program and its children', isExpected: true },
  { program: 'pg.mjs', name: /^number of the first thread$/, isAsKnown: values(['1', '2']), because: 'what is recorded is written by a thread', isExpected: true },
  { program: 'surroundings.mjs', name: /^environment of the preload$/, isAsKnown: values(['[]', "[ 'LIFEGUARD_DIR', 'NODE_OPTIONS' ]"]), because: 'likewise', isExpected: true },
];
