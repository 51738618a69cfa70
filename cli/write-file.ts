import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemReason, ToolError } from './errors.js';

/** Writes a file and the folders above it. @throws ToolError when that is not possible. */
export function writeFile(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new ToolError(`cannot write ${file}: ${systemReason((error as NodeJS.ErrnoException).code ?? String(error))}`);
  }
}
