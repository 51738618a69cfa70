/** A sweep from its options to its exit code. Stdout is the report's alone. */
import { EXIT } from '../errors.js';
import { say, writeOut } from '../terminal.js';
import type { SweepOptions } from './options.js';
import { reportSweep, type SweepReportOptions } from './report.js';
import { sweep } from './sweep.js';

/** @throws ToolError when nothing could be measured. */
export async function runSweep(options: SweepOptions, reporting: SweepReportOptions): Promise<number> {
  const swept = await sweep(options);
  if (swept.run.steps.length === 0) {
    say('interrupted before anything was measured');
    return EXIT.interrupted;
  }
  const { report, text } = await reportSweep(swept, reporting);
  await writeOut(text);
  if (swept.asked) return EXIT.interrupted;
  if (report.verdict === 'inconclusive') {
    say('no request asked a pg pool for a connection; look whether NODE_OPTIONS reached the service');
    return EXIT.failed;
  }
  return report.verdict === 'starves' || report.verdict === 'stops' ? EXIT.findings : EXIT.clean;
}
