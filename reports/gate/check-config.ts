/** Validates a configuration that somebody wrote. */
import * as v from 'valibot';
import { CONFIG_SCHEMA, type Config } from './config.js';

/** One mistake. `place` is written as in JavaScript: "limits.places[0].file"; "" is the whole. */
export type Mistake = { place: string; path: readonly PropertyKey[] } & (
  | { kind: 'unknown-key'; key: string; allowed: string[] }
  | { kind: 'missing'; expected: string }
  | { kind: 'wrong'; value: unknown; expected: string; allowed: string[] }
);

export type Checked = { config: Config } | { mistakes: [Mistake, ...Mistake[]] };

/** All mistakes there are, in the order of the file. */
export function checkConfig(value: unknown): Checked {
  const list = findList(value, CONFIG_SCHEMA, []);
  if (list !== null) return { mistakes: [list] };
  const result = v.safeParse(CONFIG_SCHEMA, value);
  if (result.success) return { config: result.output };
  const [first, ...rest] = result.issues.flatMap(toMistakes);
  return { mistakes: [first as Mistake, ...rest] };
}

function toMistakes(issue: v.BaseIssue<unknown>): Mistake[] {
  const path = issue.path ?? [];
  const last = path.at(-1);
  if (issue.type !== 'strict_object' || issue.expected !== 'never' || last === undefined) return [toMistake(issue)];
  // The schema tells the first one of an object only.
  const outer = path.slice(0, -1);
  const known = Object.keys(nodeAt(outer)?.entries ?? {});
  return Object.keys(last.input as object).filter((key) => !known.includes(key)).map((key) => unknownKey(outer, key));
}

function unknownKey(outer: Path, key: string): Mistake {
  return { kind: 'unknown-key', ...whereIs([...outer, { key }]), key, allowed: keysAt(outer) };
}

function toMistake(issue: v.BaseIssue<unknown>): Mistake {
  const path = issue.path ?? [];
  const where = whereIs(path);
  const last = path.at(-1);
  if (issue.type === 'strict_object' && last !== undefined && issue.input === undefined) {
    return { kind: 'missing', ...where, expected: expectedAt(path) };
  }
  const allowed = issue.type === 'picklist' ? [...issue.message.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name) : [];
  return { kind: 'wrong', ...where, value: issue.input, expected: issue.message, allowed };
}

function whereIs(path: Path): Pick<Mistake, 'place' | 'path'> {
  return { place: writePath(path), path: path.map(({ key }) => key as PropertyKey) };
}

/** The first list where an object belongs: it has keys as well, so that the schema would take it. */
function findList(value: unknown, schema: Node | undefined, path: Path): Mistake | null {
  const node = unwrap(schema);
  if (node === undefined || typeof value !== 'object' || value === null) return null;
  if (node.entries !== undefined && Array.isArray(value)) {
    return { kind: 'wrong', ...whereIs(path), value, expected: expectedAt(path), allowed: [] };
  }
  const parts: [unknown, Node | undefined, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [item, node.item, index])
    : Object.entries(value).map(([key, part]) => [part, node.entries?.[key], key]);
  for (const [part, schemaOfPart, key] of parts) {
    const found = findList(part, schemaOfPart, [...path, { key }]);
    if (found !== null) return found;
  }
  return null;
}

type Path = readonly { key?: unknown }[];

function writePath(path: Path): string {
  return path.reduce<string>((text, { key }) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    if (!/^[\w$]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

interface Node {
  entries?: Record<string, Node>;
  item?: Node;
  wrapped?: Node;
  message?: unknown;
}

/** The schema of a place; undefined below something that is none. */
function nodeAt(path: Path): Node | undefined {
  let node: Node | undefined = CONFIG_SCHEMA;
  for (const { key } of path) {
    node = unwrap(node);
    node = typeof key === 'number' ? node?.item : node?.entries?.[String(key)];
  }
  return unwrap(node);
}

function unwrap(node: Node | undefined): Node | undefined {
  return node?.wrapped === undefined ? node : unwrap(node.wrapped);
}

function keysAt(path: Path): string[] {
  return Object.keys(nodeAt(path)?.entries ?? {}).filter((name) => !name.startsWith('$'));
}

function expectedAt(path: Path): string {
  const message = nodeAt(path)?.message;
  return typeof message === 'string' ? message : 'a value';
}
