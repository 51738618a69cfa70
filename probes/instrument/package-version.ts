/** Which version of a package it is that is running. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sampleStack } from '../recorder/stack-sample.js';

/** From its constructor to where it calls us. */
const DEPTH = 12;

/** The version of the package that is calling; "" where it is not on the stack under its own name, as in a bundle. Reads its package.json. */
export function versionOfCaller(name: string): string {
  try {
    for (const frame of sampleStack(DEPTH)) {
      const [folder] = new RegExp(`^.*[\\\\/]node_modules[\\\\/]${name}(?=[\\\\/])`).exec(frame[5]) ?? [];
      if (folder === undefined) continue;
      const path = folder.startsWith('file:') ? fileURLToPath(folder) : folder;
      const { version } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8')) as { version?: unknown };
      return typeof version === 'string' ? version : '';
    }
  } catch {
    // An archive, or a folder that may not be read.
  }
  return '';
}
