/** One and the same program, with the probe and without: nothing that it can see of pg, of node or of itself differs. */
import test from 'ava';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { useDatabase } from '../support/database.js';
import { ROOT } from '../support/folder.js';
import { recordProgram, runProgram, type ProgramOptions, type ProgramResult } from '../support/program.js';
import { KNOWN_DIFFERENCES, type KnownDifference } from './known-differences.js';

const { database } = useDatabase(test);

/** They are plain files, which the compiler does not copy. */
const FOLDER = join(ROOT, 'test/differential/programs');
const FILES = Object.fromEntries(readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')]));
const PROGRAMS: Record<string, { status: number; fewest: number }> = {
  'pg.mjs': { status: 0, fewest: 180 },
  'stacks.mjs': { status: 0, fewest: 140 },
  'surroundings.mjs': { status: 3, fewest: 350 },
};

type Observations = ReadonlyMap<string, string>;

/** From the names of observations to what was observed; the program's own folder has another name each time. */
function observationsOf({ folder }: ProgramResult): Observations {
  const lines = readFileSync(join(folder, 'observations.txt'), 'utf8').trimEnd().split('\n').map((line) => line.replaceAll(folder, '/program'));
  return new Map(
    lines.map((line): [string, string] => {
      const at = line.indexOf(' = ');
      return [line.slice(0, at), JSON.parse(line.slice(at + 3)) as string];
    }),
  );
}

/** Every observation that is not the same, nor differs as is known, as a text of its own. */
function differencesOf(program: string, bare: Observations, other: Observations, seen = new Set<KnownDifference>()): string[] {
  const names = [...new Set([...bare.keys(), ...other.keys()])].filter((name) => bare.get(name) !== other.get(name));
  return names.flatMap((name) => {
    const known = KNOWN_DIFFERENCES.find((one) => one.program === program && one.name.test(name) && one.isAsKnown(bare.get(name) ?? '', other.get(name) ?? ''));
    if (known !== undefined) seen.add(known);
    return known === undefined ? [`${name}\n${diff(bare.get(name), other.get(name))}`] : [];
  });
}

function diff(bare = '(not observed)', other = '(not observed)'): string {
  const [before, after] = [bare.split('\n'), other.split('\n')];
  const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
  const come = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
  return gone.length + come.length > 0 ? [...gone, ...come].join('\n') : `- ${bare}\n+ ${other}`;
}

async function optionsFor(entry: string): Promise<ProgramOptions> {
  return { files: FILES, entry, env: { DATABASE_URL: await database(), NODE_NO_WARNINGS: '1' } };
}

for (const [entry, { status, fewest }] of Object.entries(PROGRAMS)) {
  test.serial(`${entry}: what a program sees is the same to the letter`, async (t) => {
    const bare = await runProgram(t, await optionsFor(entry));
    const recorded = await recordProgram(t, await optionsFor(entry));
    t.is(bare.status, status, bare.stderr);
    t.is(recorded.traces.length, 1);
    t.deepEqual([recorded.status, recorded.signal, recorded.stderr], [bare.status, bare.signal, bare.stderr.replaceAll(bare.folder, recorded.folder)]);
    const [before, after] = [observationsOf(bare), observationsOf(recorded)];
    t.true(before.size >= fewest, `${before.size} observations`);
    t.log(`${before.size} observations`);
    const seen = new Set<KnownDifference>();
    const differences = differencesOf(entry, before, after, seen);
    t.deepEqual([...after.keys()], [...before.keys()]);
    t.is(differences.length, 0, differences.join('\n\n'));
    // What is no difference any more is to leave the list.
    t.deepEqual(KNOWN_DIFFERENCES.filter((known) => known.program === entry && known.isExpected && !seen.has(known)).map(({ because }) => because), []);
  });
}

/** What an honest tool might do, and each of these programs would notice. */
const SABOTAGE: Record<string, { program: string; code: string; seenIn: RegExp }> = {
  'a wrapped JSON.parse': { program: 'surroundings.mjs', code: 'const { parse } = JSON; JSON.parse = function (text, reviver) { return parse(text, reviver); };', seenIn: /sources of JSON\n/ },
  'a frame': { program: 'stacks.mjs', code: "const fs = require('node:fs'); const { statSync } = fs; fs.statSync = function (...rest) { return statSync.apply(this, rest); };", seenIn: /statSync\n[^]*at .*statSync.*preload/ },
  'a listener': { program: 'surroundings.mjs', code: "process.on('SIGUSR2', () => {});", seenIn: /listeners of SIGUSR2\n- 0\n\+ 1/ },
  'a property': { program: 'surroundings.mjs', code: 'globalThis.lifeguard = 1;', seenIn: /globals\n/ },
  'a limit': { program: 'pg.mjs', code: 'Error.stackTraceLimit = 50;', seenIn: /stackTraceLimit/ },
};

for (const [name, { program, code, seenIn }] of Object.entries(SABOTAGE)) {
  test.serial(`${name} more is noticed, and named`, async (t) => {
    const bare = await runProgram(t, await optionsFor(program));
    const options = await optionsFor(program);
    const other = await runProgram(t, { ...options, files: { ...FILES, 'preload.cjs': code }, nodeArgs: ['--require', './preload.cjs'] });
    t.regex(differencesOf(program, observationsOf(bare), observationsOf(other)).join('\n\n'), seenIn);
  });
}
