import test from 'ava';
import { sampleStack } from '../../probes/recorder/stack-sample.js';
import { runProgram } from '../support/program.js';

test("a sample in the middle of node's own work leaves that as it is: URLs that are being parsed", async (t) => {
  const app = `
import { Worker } from 'node:worker_threads';
globalThis.samples = 0;
globalThis.longest = 0;
const worker = new Worker(new URL('asker.cjs', import.meta.url));
worker.unref();
await new Promise((resolve) => worker.once('message', resolve));
// In CommonJS, where node makes a URL of the file's name to look for its source map.
const { parse } = (await import('node:module')).createRequire(import.meta.url)('./parse.cjs');
const seen = parse(3000);
console.log(JSON.stringify({ seen, samples: globalThis.samples, longest: globalThis.longest }));
worker.postMessage('stop');
await new Promise((resolve) => worker.once('message', resolve));
process.exit();
`;
  const parse = `
const seen = {};
// V8 interrupts where a function is entered: in node's own, of which nothing is told, and in this one.
function note({ origin, pathname }) {
  seen[origin + pathname] = true;
}
exports.parse = (ms) => {
  // Until it was interrupted inside, which a busy machine may put off.
  for (const end = Date.now() + ms; Date.now() < end || (longest <= 1 && Date.now() < end + 30_000); ) note(new URL('http://127.0.0.1:1234/x'));
  return Object.keys(seen);
};
`;
  const asker = `
const { parentPort } = require('node:worker_threads');
const { Session } = require('node:inspector');
const session = new Session();
session.connectToMainThread();
const expression = ${JSON.stringify(`samples++; longest = Math.max(longest, (${String(sampleStack)})(40).length)`)};
// Not at once: a question that is there before the answer to the last one has been given finds the thread where that did.
const ask = () => session.post('Runtime.evaluate', { expression, silent: true }, () => (timer = setTimeout(ask, 1)));
let timer;
// Node says so when a process ends with a session open.
parentPort.once('message', () => {
  clearTimeout(timer);
  session.disconnect();
  parentPort.postMessage('done');
});
ask();
parentPort.postMessage('ready');
`;
  // What is compiled to machine code is interrupted in fewer places.
  const { stdout } = await runProgram(t, { files: { 'app.mjs': app, 'parse.cjs': parse, 'asker.cjs': asker }, nodeArgs: ['--no-opt'] });
  const { seen, samples, longest } = JSON.parse(stdout) as { seen: string[]; samples: number; longest: number };
  t.deepEqual(seen, ['http://127.0.0.1:1234/x']);
  t.true(samples > 0 && longest > 1, `${samples} samples of up to ${longest} frames`);
  t.log(`${samples} samples`);
});
