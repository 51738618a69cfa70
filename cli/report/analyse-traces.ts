/** Analyses traces, and says so where a person waits for it. */
import { statSync } from 'node:fs';
import type { AnalyseOptions } from '../../reports/analyse.js';
import type { Analysis } from '../../reports/model.js';
import { listTraces } from '../record/trace-directory.js';
import { whileBusy } from './busy.js';

/** About a second's work. */
const WORTH_A_WORD_BYTES = 40_000_000;

export async function analyseTraces(traces: readonly string[], options: AnalyseOptions): Promise<Analysis> {
  const { analyse } = await import('../../reports/analyse.js');
  const bytes = process.stderr.isTTY ? sizeOf(traces) : 0;
  return await whileBusy(bytes < WORTH_A_WORD_BYTES ? null : `reading ${Math.round(bytes / 1_000_000)} MB of traces`, () => analyse(traces, options));
}

const GZIPPED_TO = 7;

/** Before compression, about. What cannot be read is told of by the analysis. */
function sizeOf(traces: readonly string[]): number {
  return traces.reduce((sum, path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return sum + (stat?.isDirectory() ? sizeOf(listTraces(path)) : (stat?.size ?? 0) * (path.endsWith('.gz') ? GZIPPED_TO : 1));
  }, 0);
}
