// Hands requests to threads: whoever finds none free waits in line.
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';

export class ThreadQueue {
  readonly #threads: readonly Worker[];
  readonly #free: Worker[];
  readonly #waiting: ((thread: Worker) => void)[] = [];

  constructor(threads: readonly Worker[]) {
    this.#threads = threads;
    this.#free = [...threads];
  }

  async run(): Promise<unknown> {
    const thread = this.#free.pop() ?? (await new Promise<Worker>((resolve) => this.#waiting.push(resolve)));
    const answered = once(thread, 'message');
    thread.postMessage(false);
    const [answer] = await answered;
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(thread);
    else next(thread);
    return answer;
  }

  async end(): Promise<void> {
    for (const thread of this.#threads) thread.postMessage(true);
    await Promise.all(this.#threads.map((thread) => once(thread, 'exit')));
  }
}
