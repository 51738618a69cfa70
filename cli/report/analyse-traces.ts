/** Analyses traces, and shows how far it is where a person waits for it. */
import type { AnalyseOptions } from '../../reports/analyse.js';
import type { Analysis } from '../../reports/model.js';
import { openProgress } from '../progress.js';

/** What takes less need not be announced. */
const WORTH_A_WORD_MS = 500;

export async function analyseTraces(traces: readonly string[], options: AnalyseOptions): Promise<Analysis> {
  const { analyse } = await import('../../reports/analyse.js');
  const progress = openProgress();
  const startMs = performance.now();
  const onProgress = (fraction: number): void => {
    if (performance.now() - startMs < WORTH_A_WORD_MS) return;
    // The analysis itself holds the thread: what is shown last stays until it is done.
    progress.show('reading traces', fraction, fraction < 1 ? '' : 'analysing …');
  };
  try {
    return await analyse(traces, { ...options, onProgress });
  } finally {
    progress.clear();
  }
}
