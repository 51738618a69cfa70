/** What must never be told, and how to look for it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A word, a number, and the two in which they are hidden from a plain search. */
export const WORD = 'Qcanaryzz';
export const NUMBER = '86753090';
const SECRETS = [WORD, NUMBER, Buffer.from(WORD).toString('base64').slice(0, -2), Buffer.from(WORD).toString('hex'), encodeURIComponent(WORD).toLowerCase()];

/** What is in a text that should not be. */
export function leaksIn(text: string | Buffer): string[] {
  const lower = text.toString('latin1' as never).toLowerCase();
  return SECRETS.filter((secret) => lower.includes(secret.toLowerCase()));
}

/** The text before the first of them, and a little of what is behind. */
export function around(bytes: Buffer): string {
  const text = bytes.toString();
  const at = SECRETS.map((secret) => text.toLowerCase().indexOf(secret.toLowerCase())).find((index) => index >= 0) ?? -1;
  return at < 0 ? '' : text.slice(Math.max(0, at - 150), at + 80);
}

/** All files in a folder, at any depth, by their names in it; gzipped ones unpacked. */
export function filesIn(folder: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    const bytes = readFileSync(path);
    return [path.slice(folder.length + 1), bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes];
  }));
}
