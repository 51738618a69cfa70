import { visibleText } from '../html/visible-text.js';

// oxlint-disable-next-line no-control-regex
const COLOUR = /(\u001b\[[\d;]*m)/;

/** Blocks of lines with a blank line between them; empty ones are left out. */
export function joinBlocks(blocks: readonly (readonly string[])[], color: boolean): string {
  const text = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n');
  return `${showControls(text, color)}\n`;
}

/** Text for a terminal: its colours stay, and what else would steer it (from a path, a name, SQL, a line of source) is spelled out. */
export function showControls(text: string, color: boolean): string {
  const parts = color ? text.split(COLOUR) : [text];
  return parts.map((part, index) => (index % 2 === 1 ? part : visibleText(part, Infinity))).join('');
}
