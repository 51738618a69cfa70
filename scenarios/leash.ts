/** Preloaded into a scenario's service: asks it to end when the program that started it has gone, SIGKILL included. */
import { isMainThread } from 'node:worker_threads';

// Threads are given the preloads too, and a stdin that ends at once.
if (isMainThread) {
  process.stdin.once('close', () => process.kill(process.pid, 'SIGTERM'));
  process.stdin.resume();
  // It must not keep the service alive. A pipe's stream is a socket, which its type does not say.
  if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref();
}
