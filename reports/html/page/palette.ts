import { makePattern } from './patterns.js';
import { colour } from './theme.js';

/** The timeline's colours and fills, taken from the style sheet. */
export interface Palette {
  body: string;
  sql: string;
  await: string | CanvasPattern;
  idle: string | CanvasPattern;
  held: string;
  transaction: string;
  blocked: string | CanvasPattern;
  pending: string | CanvasPattern;
  pendingEdge: string;
  alarm: string;
  ink: string;
  quiet: string;
  line: string;
  paper: string;
  onSql: string;
  font: string;
}

export function readPalette(element: Element): Palette {
  return {
    body: colour('body'),
    sql: colour('sql'),
    await: makePattern('await'),
    idle: makePattern('idle'),
    held: colour('held'),
    transaction: colour('transaction'),
    blocked: makePattern('blocked'),
    pending: makePattern('pending'),
    pendingEdge: colour('pending'),
    alarm: colour('alarm'),
    ink: colour('ink'),
    quiet: colour('quiet'),
    line: colour('line'),
    paper: colour('paper'),
    onSql: colour('on-sql'),
    font: getComputedStyle(element).fontFamily,
  };
}
