/** Recorded traces of the scenarios. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { analyse } from '../../reports/analyse.js';
import type { Analysis } from '../../reports/model.js';
import { ROOT } from '../support/folder.js';

export const TRACES = join(ROOT, 'test/browser/traces');

/** This repository's folder, as traces have it. */
export const HERE = ROOT.replace(/[\\/]$/, '');

/** What stands for it in them: nobody needs to know where it was. */
export const FAR_ROOT = '/home/ada/pg-lifeguard';

export function listRecorded(): string[] {
  return readdirSync(TRACES).toSorted();
}

/** @param folder where the trace may be unpacked; its sources are those that are here now. */
export async function analyseRecorded(name: string, folder: string): Promise<Analysis> {
  const target = join(folder, name);
  mkdirSync(target);
  for (const file of readdirSync(join(TRACES, name))) writeFileSync(join(target, file.replace(/\.gz$/, '')), gunzipSync(readFileSync(join(TRACES, name, file))).toString().replaceAll(FAR_ROOT, HERE));
  return await analyse([target]);
}
