import { roundTimes } from '../round-times.js';
import type { WhatIf } from './model.js';

export function renderWhatIfJson(whatIf: WhatIf): string {
  return `${JSON.stringify(roundTimes(whatIf), null, 2)}\n`;
}
