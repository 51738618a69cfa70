import { readFileSync } from 'node:fs';

/** The name and version that reports carry. */
export function toolOf(): { name: 'pg-lifeguard'; version: string } {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return { name: 'pg-lifeguard', version };
}
