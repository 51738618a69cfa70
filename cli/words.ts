/** Numbers and counts as people read them. */

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : nouns}`;
}

/** 0.4 ms, 12 ms, 1.25 s, 2 min 5 s. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 119_500) return `${Number((ms / 1000).toFixed(ms < 9_950 ? 2 : 1))} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
