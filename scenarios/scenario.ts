/** What a scenario is: a small service with one fault, its fixed twin, the load that shows it, and what must be found. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const VARIANTS = ['faulty', 'fixed'] as const;
export type Variant = (typeof VARIANTS)[number];

/** A finding that the report of a variant must have. */
export interface Expectation {
  /** Id of the rule. */
  rule: string;
  /** For episodes: why the requests waited. */
  cause?: string;
  /** Comment that marks the blamed line in the variant's source; see `findMarkedLine`. Null: the rule blames no line. */
  marker: string | null;
}

/** So many requests at a time, for so long. */
export interface LoadStep {
  connections: number;
  seconds: number;
}

export interface Scenario {
  name: string;
  /** One sentence. */
  summary: string;
  /** What is wrong, in one sentence. */
  fault: string;
  /** What its fixed twin does instead, in one sentence. */
  cure: string;
  /** Connections in the service's pool. */
  poolSize: number;
  /** Path that the load asks for. */
  path: string;
  steps: readonly LoadStep[];
  /** Everything that must be found, and nothing else may be: none in the fixed twin. */
  variants: Record<Variant, { expect: readonly Expectation[] }>;
}

/** A scenario that cannot be run; its message is one line for the user. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** The compiled service of a variant. */
export function serviceFile(scenario: Scenario, variant: Variant): string {
  return fileURLToPath(new URL(`./${scenario.name}/${variant}.js`, import.meta.url));
}

/** The source of a variant's service, to which the report's call sites point. */
export function sourceFile(scenario: Scenario, variant: Variant): string {
  // From dist/scenarios to scenarios, in the repository as in the published package.
  return fileURLToPath(new URL(`../../scenarios/${scenario.name}/${variant}.ts`, import.meta.url));
}

/**
 * Number of the one line, from 1, that ends with the comment `// ← marker`, or has more words after a colon.
 * @throws ScenarioError when there is not exactly one.
 */
export function findMarkedLine(file: string, marker: string): number {
  const lines = readFileSync(file, 'utf8').split('\n');
  const marked = lines.flatMap((line, index) => {
    const comment = line.split('// ← ')[1];
    return comment === marker || comment?.startsWith(`${marker}:`) ? [index + 1] : [];
  });
  const [line] = marked;
  if (line === undefined || marked.length > 1) throw new ScenarioError(`${file} has ${marked.length} lines marked "// ← ${marker}", expected one`);
  return line;
}
