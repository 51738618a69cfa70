import test from 'ava';
import { promiseHooks } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { isEntry, Stacks } from '../../probes/observe/stacks.js';
import type { Recorder } from '../../probes/recorder/recorder.js';
import { temporaryFolder } from '../support/folder.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Each function makes two promises: that of its result, and one on a marked line. */
const SOURCE = `
export async function declared(x) {
  await x;
}
export const arrow = async (x) => {
  await x;
};
export const expression = async function named(x) {
  await x;
};
const object = { async method(x) {
  await x;
} };
export const method = (x) => object.method(x);
class Owner {
  async #hidden(x) {
    await x;
  }
  open(x) {
    return this.#hidden(x);
  }
}
export const hidden = (x) => new Owner().open(x);
export const short = async (x) => void (await x);
`;

test('an async function that was only entered is told from one that runs', async (t) => {
  const file = join(temporaryFolder(t), 'functions.mjs');
  writeFileSync(file, SOURCE);
  const functions = (await import(pathToFileURL(file).href)) as Record<string, (x: number) => Promise<void>>;
  for (const [name, run] of Object.entries(functions)) {
    const seen: boolean[] = [];
    const stop = promiseHooks.onInit(() => {
      const [site] = captureIn('functions.mjs');
      if (site !== undefined) seen.push(isEntry(site));
    });
    const running = run(1);
    stop();
    await running;
    // V8 makes a promise of what is awaited and one that goes on.
    t.is(seen[0], true, name);
    t.true(seen.length > 1);
    t.deepEqual(seen.slice(1).filter((is) => is), [], name);
  }
});

/** The frames of a file on the current stack, the innermost first. */
function captureIn(file: string): NodeJS.CallSite[] {
  const own = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  const holder: { stack?: NodeJS.CallSite[] } = {};
  try {
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder);
    return (holder.stack ?? []).filter((site) => site.getFileName()?.endsWith(file));
  } finally {
    if (own === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Object.defineProperty(Error, 'prepareStackTrace', own);
  }
}

test('a program that makes up its code as it runs fills no memory with its stacks; those that are known stay known', (t) => {
  let defined = 0;
  const stacks = new Stacks({ line: () => void defined++ } as unknown as Recorder);
  const ids: number[] = [];
  const names = Array.from({ length: 10_000 }, (_, index) => `made-up-${index + 1}`);
  for (const name of [...names, 'one-more', 'made-up-1', 'made-up-10000']) {
    const capture = runInThisContext('(stacks) => stacks.capture()', { filename: `file:///${name}.js` }) as (stacks: Stacks) => ReturnType<Stacks['capture']>;
    stacks.refill(1e9);
    ids.push(stacks.idOf(capture(stacks)));
  }
  t.deepEqual(ids, [...names.map((_, index) => index + 1), 0, 1, 10_000]);
  t.is(defined, 10_000);
});
