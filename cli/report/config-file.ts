/** Finds and reads `lifeguard.config.*`. */
import { lilconfig, type Loaders } from 'lilconfig';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import type { Mistake } from '../../reports/gate/check-config.js';
import type { Config } from '../../reports/gate/config.js';
import { ToolError } from '../errors.js';
import { shortPath } from '../record/trace-directory.js';
import { didYouMean } from '../suggest.js';
import { locateInJson, locateInProgram, offsetOfMistake, placeAt, type TextPlace } from './locate-key.js';

const ENDINGS = ['.json', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'] as const;
export const CONFIG_NAMES = ENDINGS.map((ending) => `lifeguard.config${ending}`);

export interface LoadedConfig {
  config: Config;
  /** Absolute; null when there is none. */
  file: string | null;
}

/**
 * @param given as the user wrote it; undefined: the nearest one from the working directory upward.
 * @throws ToolError when it cannot be read, or holds a mistake.
 */
export async function loadConfig(given: string | undefined): Promise<LoadedConfig> {
  if (given !== undefined) checkName(given);
  const searcher = lilconfig('lifeguard', { searchPlaces: [...CONFIG_NAMES], loaders: LOADERS, cache: false, ignoreEmptySearchPlaces: false });
  const found = await (given === undefined ? searcher.search() : searcher.load(resolve(given)));
  if (found === null) return { config: {}, file: null };
  const { filepath, config } = found;
  const [, other] = given === undefined ? CONFIG_NAMES.filter((name) => existsSync(join(dirname(filepath), name))) : [];
  if (other !== undefined) throw new ToolError(`${shortPath(filepath)} and ${shortPath(join(dirname(filepath), other))} are both there, and only one can count: delete one, or name it with --config`);
  if (found.isEmpty || config === undefined) throw new ToolError(`${shortPath(filepath)} is empty, expected ${filepath.endsWith('.json') ? 'an object' : 'export default { … }'} (lifeguard init writes one)`);
  const { checkConfig } = await import('../../reports/gate/check-config.js');
  const checked = checkConfig(config);
  if ('mistakes' in checked) throw new ToolError(describeMistakes(filepath, checked.mistakes));
  return { config: checked.config, file: filepath };
}

function checkName(given: string): void {
  const allowed: readonly string[] = ENDINGS;
  if (!existsSync(given)) throw new ToolError(`--config is ${JSON.stringify(given)}, and there is no such file`);
  // Another program's, of which only a part would be ours.
  if (basename(given) === 'package.json' || !allowed.includes(extname(given))) throw new ToolError(`--config is ${JSON.stringify(given)}, expected a file whose name ends in ${allowed.join(', ')}`);
}

const LOADERS: Loaders = Object.fromEntries(ENDINGS.map((ending) => [ending, ending === '.json' ? readJson : importDefault]));

function readJson(file: string, written: string): unknown {
  const text = withoutMark(written);
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    // What V8 quotes of the text may be all of it.
    const why = (error as Error).message.replace(/(?: in JSON at position|, "| \(line).*$/s, '');
    throw new ToolError(`${shortPath(file)}${sayPlace(placeAt(text, offsetOfMistake(text)))} is no JSON: ${why}`);
  }
}

/** Some editors put a mark before the text. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

async function importDefault(file: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return module.default;
  } catch (error) {
    const { code, message, name } = error as NodeJS.ErrnoException;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw new ToolError(`${shortPath(file)} needs a Node that runs TypeScript (22.18 or later), this is ${process.version}: call it lifeguard.config.mjs and take the types out, or start with npx tsx`);
    }
    throw new ToolError(`${shortPath(file)}${findThrow(file, error as Error)} cannot be loaded: ${name}: ${message}`);
  }
}

/** ":3", or ":3:5", where a configuration threw; "" when that was elsewhere. */
function findThrow(file: string, { name, stack = '' }: Error): string {
  const place = /^(:\d+:\d+)/.exec(stack.split(pathToFileURL(file).href)[1] ?? '')?.[1];
  if (place !== undefined || name !== 'SyntaxError') return place ?? '';
  // V8 keeps the place of such a mistake to itself; node prints it.
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' }, timeout: 5000 });
  return /^\S.*(:\d+)$/m.exec(stderr)?.[1] ?? '';
}

/** The first one whole, the others by their place. */
function describeMistakes(file: string, [first, ...others]: readonly [Mistake, ...Mistake[]]): string {
  const text = withoutMark(readFileSync(file, 'utf8'));
  const locate = file.endsWith('.json') ? locateInJson : locateInProgram;
  const find = ({ path, kind }: Mistake): TextPlace | null => locate(text, kind === 'missing' ? path.slice(0, -1) : path);
  const place = find(first);
  const rest = others.map((mistake) => {
    const line = find(mistake)?.line;
    return line === undefined || line === place?.line ? mistake.place : `${mistake.place} in line ${line}`;
  });
  const more = others.length === 0 ? '' : ` (and ${others.length} more: ${rest.join(', ')})`;
  return `${shortPath(file)}${sayPlace(place)}: ${describeMistake(first)}${more}`;
}

/** ":12:5", as editors read it behind a file's name; "" when it is not known. */
function sayPlace(place: TextPlace | null): string {
  return place === null ? '' : `:${place.line}:${place.column}`;
}

function describeMistake(mistake: Mistake): string {
  const place = mistake.place === '' ? 'the configuration' : mistake.place;
  if (mistake.kind === 'unknown-key') return `there is no ${place}, expected ${mistake.allowed.join(', ')}${didYouMean(mistake.key, mistake.allowed)}`;
  if (mistake.kind === 'missing') return `${place} is missing, expected ${mistake.expected}`;
  const hint = typeof mistake.value === 'string' ? didYouMean(mistake.value, mistake.allowed) : '';
  return `${place} is ${describeValue(mistake.value)}, expected ${mistake.expected}${hint}`;
}

function describeValue(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  const text = typeof value === 'object' || typeof value === 'string' ? JSON.stringify(value) : inspect(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
