import type { SourceMapping, findSourceMap } from 'node:module';

/** A frame. `ran`: the file that ran, before source maps; "" for code without one, builtin functions above all. */
export type SampledFrame = [functionName: string, file: string, line: number, column: number, isEntered: boolean, ran: string];

/**
 * The stack of the thread that calls, the innermost frame first, node's own among them; source maps that the program's loader
 * keeps in memory are applied.
 *
 * Its source is also evaluated in the program's thread by the inspector, in the middle of whatever that does: it may use
 * nothing from around it, nothing of the program's or that we wrap, and must leave everything as it was.
 */
export function sampleStack(depth: number): SampledFrame[] {
  type Errors = { stackTraceLimit?: number; prepareStackTrace?: unknown };
  type Site = NodeJS.CallSite & { isAsync?(): boolean; getEnclosingLineNumber?(): number; getEnclosingColumnNumber?(): number };
  const errors = Error as Errors;
  const limit = errors.stackTraceLimit;
  const own = Object.getOwnPropertyDescriptor(errors, 'prepareStackTrace');
  const captured: { stack?: Site[] } = {};
  let sites: Site[] | undefined;
  try {
    errors.stackTraceLimit = depth;
    errors.prepareStackTrace = (_: unknown, all: Site[]) => all;
    Error.captureStackTrace(captured, sampleStack);
    sites = captured.stack;
  } finally {
    errors.stackTraceLimit = limit as number;
    if (own === undefined) delete errors.prepareStackTrace;
    else Object.defineProperty(errors, 'prepareStackTrace', own);
  }
  if (!Array.isArray(sites)) return [];
  // Node may be reading what a URL was parsed to, from a place that all parsing shares; to look for source maps is to parse.
  const innermost = sites.find((site) => (site.getFileName() ?? '') !== '');
  if (innermost?.getFileName() === 'node:internal/url') return [];
  const modules = process.getBuiltinModule?.('node:module') as unknown as { findSourceMap: typeof findSourceMap } | undefined;
  const frames: SampledFrame[] = [];
  for (const site of sites) {
    const file = site.getFileName() ?? site.getScriptNameOrSourceURL?.() ?? '';
    const line = site.getLineNumber() ?? 0;
    const column = site.getColumnNumber() ?? 0;
    const method = site.getFunctionName() ?? '';
    const type = site.isToplevel() || site.isConstructor() ? '' : (site.getTypeName() ?? '');
    const full = type === '' || type === 'Object' || method === '' || method.startsWith(`${type}.`) ? method : `${type}.${method}`;
    const name = site.isAsync?.() ? `async ${full}` : full;
    // On entry, the position is that of the parameters: behind the name, or behind what stands for one.
    const before = site.getEnclosingLineNumber?.() === line ? column - (site.getEnclosingColumnNumber?.() ?? 0) : -1;
    const isEntered = before === 0 || [8, 9, 10, 14, 15, 16].includes(before) || (method !== '' && [0, 4, 6, 7, 9, 10, 15, 16].includes(before - method.length));
    const entry: object | undefined = file === '' || file.startsWith('node:') ? undefined : modules?.findSourceMap(file)?.findEntry(line - 1, column - 1);
    const { originalSource = '', originalLine = 0, originalColumn = 0 } = (entry ?? {}) as Partial<SourceMapping>;
    if (originalSource !== '') frames.push([name, originalSource, originalLine + 1, originalColumn + 1, isEntered, file]);
    else frames.push([name, file, line, column, isEntered, file]);
  }
  return frames;
}
