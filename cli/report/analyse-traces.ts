/** Analyses traces, and says so where a person waits for it. */
import { statSync } from 'node:fs';
import type { AnalyseOptions } from '../../reports/analyse.js';
import type { Analysis } from '../../reports/model.js';
import { listTraces } from '../record/trace-directory.js';

/** About a second's work. */
const WORTH_A_WORD_BYTES = 40_000_000;

export async function analyseTraces(traces: readonly string[], options: AnalyseOptions): Promise<Analysis> {
  const { analyse } = await import('../../reports/analyse.js');
  const bytes = process.stderr.isTTY ? sizeOf(traces) : 0;
  if (bytes < WORTH_A_WORD_BYTES) return await analyse(traces, options);
  process.stderr.write(`\r\u001b[2Kreading ${Math.round(bytes / 1_000_000)} MB of traces …`);
  try {
    return await analyse(traces, options);
  } finally {
    process.stderr.write('\r\u001b[2K');
  }
}

/** What cannot be read is told of by the analysis. */
function sizeOf(traces: readonly string[]): number {
  return traces.reduce((sum, path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return sum + (stat?.isDirectory() ? sizeOf(listTraces(path)) : (stat?.size ?? 0));
  }, 0);
}
