/** One line on stderr that is rewritten; only where a person watches. */

export interface Progress {
  /** @param fraction 0 to 1. */
  show(label: string, fraction: number, detail: string): void;
  /** Takes the line away. */
  clear(): void;
}

const BAR_LENGTH = 20;

export function openProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY || process.env['TERM'] === 'dumb') return { show: () => {}, clear: () => {} };
  let shown = '';
  return {
    show(label, fraction, detail) {
      const done = Math.round(Math.min(1, fraction) * BAR_LENGTH);
      const bar = '█'.repeat(done) + '░'.repeat(BAR_LENGTH - done);
      const line = `${label} ${bar} ${String(Math.round(fraction * 100)).padStart(3)} %  ${detail}`.slice(0, (stream.columns || 80) - 1);
      if (line === shown) return;
      shown = line;
      stream.write(`\r\u001b[2K${line}`);
    },
    clear() {
      if (shown !== '') stream.write('\r\u001b[2K');
      shown = '';
    },
  };
}
