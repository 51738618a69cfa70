/** Programs under the probe and clinic, without clinic's graph, which takes longer than all else together. */
import type { ExecutionContext } from 'ava';
import { finishDeep } from '../../cli/deep/finish.js';
import { prepareDeep } from '../../cli/deep/prepare.js';
import { listTraces } from '../../cli/record/trace-directory.js';
import { NODE_TOO_NEW } from '../../probes/deep/files.js';
import { withProbe } from '../../probes/preload.js';
import { temporaryFolder } from '../support/folder.js';
import { runProgram, type ProgramOptions, type ProgramResult } from '../support/program.js';

/** Whether clinic can follow the node that runs the tests. */
export const SERVES = Number(process.versions.node.split('.')[0]) < NODE_TOO_NEW;

export interface DeepResult extends ProgramResult {
  directory: string;
  /** What the command would have said. */
  said: string[];
}

/** One at a time: what is said is taken from stderr. */
export async function recordDeep(t: ExecutionContext, options: ProgramOptions & { mostOperations?: number }): Promise<DeepResult> {
  const directory = temporaryFolder(t);
  const deep = prepareDeep(directory, withProbe({ ...process.env, ...options.env }, directory), options.mostOperations);
  if (deep === null) throw new Error('clinic is not installed');
  const result = await runProgram(t, { ...options, env: deep.env });
  const said = await listen(() => finishDeep(deep, listTraces(directory), 0));
  return { ...result, directory, said };
}

/** The lines that are said while `body` runs. */
export async function listen(body: () => unknown): Promise<string[]> {
  const { stderr } = process;
  const write = stderr.write.bind(stderr);
  let text = '';
  stderr.write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  try {
    await body();
  } finally {
    stderr.write = write;
  }
  return text.split('\n').filter((line) => line.startsWith('lifeguard: '));
}

/** Number of the line with a comment. */
export function lineOf(source: string, comment: string): number {
  const index = source.split('\n').findIndex((line) => line.includes(comment));
  if (index < 0) throw new Error(`no line says ${comment}`);
  return index + 1;
}

