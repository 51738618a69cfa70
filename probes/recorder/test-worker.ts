/**
 * Whether this process or thread is a worker of a test runner that ends it from outside as soon as its tests are done:
 * vitest kills its forks and terminates its threads, without an exit event, often before a writer thread would be up. Tests
 * are no load, so the program's own thread can write what happened right after it.
 */
export function endsAbruptly(env: NodeJS.ProcessEnv): boolean {
  return env['VITEST'] !== undefined && env['VITEST_POOL_ID'] !== undefined;
}
