/** Node's files of trace events, as one file of the main thread's asynchronous operations that clinic can read. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const OPENING = '{"traceEvents":[';
/** Node writes one event after the other, each with these first. */
const SEPARATOR = ',{"pid":';
const WRITE_AT = 1_000_000;

/** The program's start, to async_hooks. */
const ROOT = 1;

/**
 * Leaves out other threads, whose numbers would be taken for the main thread's, and a last event that was cut off by the
 * end of the process. What was caused by something from before the recording hangs on the root, or clinic would not find it.
 * @param files in the order in which they were written.
 * @returns how many events there are.
 */
export async function gatherEvents(files: readonly string[], target: string): Promise<number> {
  const out = await open(target, 'w', 0o600);
  let count = 0;
  let thread: string | undefined;
  const known = new Set([ROOT]);
  let text = OPENING;
  try {
    for (const file of files) {
      for await (const event of readEvents(file)) {
        if (!event.includes('node.async_hooks"')) continue;
        const tid = /"tid":(\d+)/.exec(event)?.[1];
        // The first one is of the thread that switched it on, before there was any other.
        thread ??= tid;
        if (tid !== thread) continue;
        const rooted = hangOnRoot(event, known);
        text += count++ === 0 ? rooted : `,${rooted}`;
        if (text.length < WRITE_AT) continue;
        await out.write(text);
        text = '';
      }
    }
    await out.write(`${text}]}`);
  } finally {
    await out.close();
  }
  return count;
}

/** @param known numbers of what was created so far; that of this event is added. */
function hangOnRoot(event: string, known: Set<number>): string {
  const trigger = /"triggerAsyncId":(\d+)/.exec(event)?.[1];
  if (trigger === undefined) return event;
  known.add(Number(/"id":"(0x[0-9a-f]+)"/.exec(event)?.[1] ?? 0));
  return known.has(Number(trigger)) ? event : event.replace(/("triggerAsyncId":)\d+/, `$1${ROOT}`);
}

async function* readEvents(file: string): AsyncGenerator<string> {
  let rest = '';
  let isFirst = true;
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const parts = (rest + (chunk as string)).split(SEPARATOR);
    rest = parts.pop() ?? '';
    for (const part of parts) {
      yield isFirst ? part.slice(OPENING.length) : `{"pid":${part}`;
      isFirst = false;
    }
  }
  const last = (isFirst ? rest.slice(OPENING.length) : `{"pid":${rest}`).replace(/\]\}\s*$/, '');
  if (last.endsWith('}}')) yield last;
}
