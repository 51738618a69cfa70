/** Preloaded: tells on descriptor 3, at the end, what the process took. */
import { writeSync } from 'node:fs';

export interface Usage {
  /** Since the process began. */
  ms: number;
  cpuMs: number;
  peakBytes: number;
}

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage: Usage = { ms: performance.now(), cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: maxRSS * 1024 };
  writeSync(3, JSON.stringify(usage));
});
