import type { ExecutionContext } from 'ava';
import { applyRules } from '../../../reports/gate/apply-rules.js';
import type { Baseline } from '../../../reports/gate/baseline.js';
import type { Config } from '../../../reports/gate/config.js';
import { judgeGate } from '../../../reports/gate/judge.js';
import type { Gate } from '../../../reports/gate/model.js';
import type { Analysis } from '../../../reports/model.js';
import { analyseText } from '../../reports/support/analyse-text.js';

export type Judged = Analysis & { gate: Gate };

/** Analyses a trace that is given as text, and puts it through the gate. */
export async function judgeText(t: ExecutionContext, text: string, config: Config = {}, baseline: Baseline | null = null): Promise<Judged> {
  const analysis = applyRules(await analyseText(t, text), config.rules);
  return { ...analysis, gate: judgeGate(analysis, config, baseline) };
}

/** Two handlers: `pay` awaits an HTTP request in its transaction, so many times; `list` does nothing but its statements. */
export function shopWith(payments: number): string {
  const pay = Array.from({ length: payments }, (_, index) => `checkout ${index + 2} pool 1 from 0 use 400 at pay@/app/src/pay.js:10 < route@/app/src/routes/pay.js:5
    1..2 sql BEGIN -> T at pay@/app/src/pay.js:11 < route@/app/src/routes/pay.js:5
    2..302 wait http "GET bank.example/charge" started charge@/app/src/bank.js:4 < pay@/app/src/pay.js:12 < route@/app/src/routes/pay.js:5
    303..304 sql COMMIT at pay@/app/src/pay.js:14 < route@/app/src/routes/pay.js:5`);
  return `pool 1 max 3
  checkout 1 from 0 wait 30 use 20 at list@/app/src/list.js:20
    31..32 sql BEGIN -> T at list@/app/src/list.js:21
    32..40 sql select 1 -> T
    40..41 sql COMMIT
  ${pay.join('\n')}
  end 0 at 500`;
}

export const SHOP = shopWith(1);
