/**
 * async_hooks leave traces: a frame of node's own below every callback, and, before node 24, two symbols on every promise,
 * as node follows promises too whenever anybody has an init hook. Where nobody but us uses them, node is told to do without.
 */
import { createHook, type AsyncHook, type HookCallbacks } from 'node:async_hooks';
import { promiseHooks, type HookCallbacks as PromiseCallbacks } from 'node:v8';
import { readBinding } from './node-bindings.js';

/** What node 20 and 22 tell of their hooks. */
interface AsyncWrap {
  async_hook_fields: Uint32Array;
  constants: { kTotals: number };
  setCallbackTrampoline(call?: unknown): void;
  setPromiseHooks(...hooks: unknown[]): void;
}

let asyncWrap: AsyncWrap | null | undefined;

function readAsyncWrap(): AsyncWrap | null {
  if (Number.parseInt(process.versions.node, 10) >= 24) return null;
  const wrap: Partial<AsyncWrap> | null = readBinding('async_wrap');
  const isWhole = typeof wrap?.setCallbackTrampoline === 'function' && typeof wrap.setPromiseHooks === 'function' && typeof wrap.constants?.kTotals === 'number' && wrap.async_hook_fields !== undefined;
  return isWhole ? (wrap as AsyncWrap) : null;
}

/** Switches on hooks for promises, and others for all that is no promise. Returns what ends them. */
export function startHooks(promises: Required<PromiseCallbacks>, resources: HookCallbacks): () => void {
  const wrap = (asyncWrap ??= readAsyncWrap());
  const isUsed = wrap === null || wrap.async_hook_fields[wrap.constants.kTotals] !== 0;
  const stopPromises = promiseHooks.createHook(promises) as () => void;
  // Where node can leave promises out of async_hooks (24 and later), it is spared to do the same work again.
  const options = { ...resources, trackPromises: false };
  const hook: AsyncHook = createHook(options).enable();
  if (!isUsed) {
    wrap.setCallbackTrampoline();
    // Only ours. Whoever comes to use async_hooks later has node put all of them together again.
    wrap.setPromiseHooks(promises.init, promises.before, promises.after, promises.settled);
  }
  return () => {
    stopPromises();
    hook.disable();
  };
}
