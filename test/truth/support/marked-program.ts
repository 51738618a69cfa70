/**
 * Programs that say themselves what is wrong with them: a comment `// ← await-in-transaction` names the rule (or rules) that
 * the line offends against, `// rules: …` in the head those that the program is about. What is found of these anywhere else,
 * or of any rule that does not depend on how busy the machine is, is a false alarm; a program without an arrow is clean.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { RULE_IDS, type Finding, type RuleId } from '../../../reports/model.js';
import { MODULES, ROOT, versionIn } from '../../support/folder.js';

/** What these find is there or not, however long anything took. */
const STRUCTURAL: readonly RuleId[] = [
  'await-in-transaction',
  'nested-checkout',
  'pool-deadlock',
  'unfinished-transaction',
  'transaction-on-pool',
  'serialized-queries',
  'repeated-query',
];

/** They are plain files, which the compiler does not copy. */
const FOLDER = join(ROOT, 'test/truth/programs');

export interface MarkedProgram {
  file: string;
  source: string;
  /** The first line of its comment. */
  title: string;
  rules: ReadonlySet<RuleId>;
  /** "rule line", sorted. */
  marks: string[];
}

export interface Score {
  found: string[];
  missed: string[];
  /** With what was said. */
  falseAlarms: string[];
}

/** Text of all programs and of what they import, by name. */
export function programFiles(): Record<string, string> {
  return Object.fromEntries(readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')]));
}

/** All programs: the files that say which rules they are about. */
export function readPrograms(): MarkedProgram[] {
  const programs = Object.entries(programFiles()).map(([file, source]) => readProgram(file, source));
  return programs.filter(({ rules }) => rules.size > 0);
}

function readProgram(file: string, source: string): MarkedProgram {
  const lines = source.split('\n');
  const head = lines.find((line) => line.startsWith('// rules: ')) ?? '';
  const marks = lines.flatMap((line, index) => {
    const said = /\/\/ ← (.+)$/.exec(line)?.[1];
    return said === undefined ? [] : readRules(said, file).map((rule) => `${rule} ${index + 1}`);
  });
  const rules = new Set(readRules(head.slice('// rules: '.length), file));
  for (const mark of marks) {
    if (![...rules].some((rule) => mark.startsWith(`${rule} `))) throw new Error(`${file} marks ${mark}, but is not about that rule`);
  }
  return { file, source, title: (lines[0] ?? '').replace(/^\/\/ /, ''), rules, marks: marks.toSorted() };
}

function readRules(text: string, file: string): RuleId[] {
  return text.split(', ').filter((name) => name !== '').map((name) => {
    const rule = RULE_IDS.find((id) => id === name);
    if (rule === undefined) throw new Error(`${file} names the rule ${name}; there are ${RULE_IDS.join(', ')}`);
    return rule;
  });
}

/** The packages that a program asks for. */
export function packagesOf(source: string): string[] {
  const names = [...source.matchAll(/(?:\bfrom |\bimport |\bimport\(|\brequire\()'((?:@[\w.-]+\/)?[\w.-]+)[^':]*'/g)].flatMap(([, name]) => (name === undefined || name.startsWith('.') ? [] : [name]));
  return [...new Set(names)].filter((name) => !builtinModules.includes(name));
}

/** Those that are not installed ("zod"), or not in the version that the program says it needs ("slonik 48.0.0"). */
export function missingPackages({ source }: MarkedProgram): string[] {
  const [, name, needed = ''] = /^\/\/ needs: (\S+) (\S+)$/m.exec(source) ?? [];
  const asked = new Set([...packagesOf(source), ...(name === undefined ? [] : [name])]);
  const missing = [...asked].filter((one) => !existsSync(join(MODULES, one)));
  const isTooOld = name !== undefined && !missing.includes(name) && compareVersions(versionIn(MODULES, name), needed) < 0;
  return isTooOld ? [...missing, `${name} ${needed}`] : missing;
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Holds what was found against what is marked, as far as it concerns `rules`. Notes are no accusations. */
export function score(program: MarkedProgram, findings: readonly Finding[], rules: readonly RuleId[]): Score {
  const concerns = (rule: RuleId): boolean => (STRUCTURAL.includes(rule) || program.rules.has(rule)) && rules.includes(rule);
  const marks = program.marks.filter((mark) => rules.some((rule) => mark.startsWith(`${rule} `)));
  const said = new Map<string, string>();
  for (const { rule, severity, callSite, title } of findings) {
    if (severity === 'note' || !concerns(rule)) continue;
    const place = callSite?.file === program.file ? callSite.line : `${callSite?.file ?? 'nowhere'}:${callSite?.line ?? 0}`;
    said.set(`${rule} ${place}`, title);
  }
  return {
    found: marks.filter((mark) => said.has(mark)),
    missed: marks.filter((mark) => !said.has(mark)),
    falseAlarms: [...said].filter(([place]) => !marks.includes(place)).map(([place, title]) => `${place}: ${title}`),
  };
}
