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
  /** A fact that is good to know, and no fault. */
  severity?: 'note';
}

/** So many requests at a time, for so long: one row of what the scenario tells. */
export interface LoadStep {
  connections: number;
  seconds: number;
  /** So many requests in all, if they are answered in time. */
  amount?: number;
  /** What the row is called; without it, it is one of rising concurrency. */
  label?: string;
  /** What is asked for: "/time", "POST /orders"; the scenario's request if not given. */
  request?: string;
  /** Other requests that are made meanwhile, and not measured. */
  alongside?: readonly { request: string; connections: number }[];
  /** What is asked of another server before the step begins: its name in the environment and a request, "TOKEN_URL POST /slow". */
  first?: string;
}

/** What the fixed twin must be better at, in the scenario's `headline` step if no other is named. */
export interface Gain {
  /** throughput: requests a second. latency: the time within which half are answered. answers: those that fail, or never come. */
  in: 'throughput' | 'latency' | 'answers';
  /** How many times better, at least, on a busy machine too (on a free one it is far more); for answers it does not count. */
  factor: number;
  /** Index of the step to compare instead: one that a busy machine changes less. */
  step?: number;
}

export interface Scenario {
  /** Also that of its folder. */
  name: string;
  /** One sentence. */
  summary: string;
  /** What is wrong, in one sentence. */
  fault: string;
  /** What its fixed twin does instead, in one sentence. */
  cure: string;
  /** Connections in the service's pool. */
  poolSize: number;
  /** What the load asks for: "/time", "POST /orders". */
  request: string;
  steps: readonly LoadStep[];
  /** Index of the step that says the most; the last one if not given. */
  headline?: number;
  gain?: Gain;
  /** False: nothing is asked for before the first step, which then opens the pool's connections. */
  warmUp?: false;
  /** SQL that is run in the scenario's own database before the service starts. */
  schema?: string;
  /** Other servers that the service needs: files of the folder, and the environment variables in which it finds their URLs. */
  servers?: Readonly<Record<string, string>>;
  /** Clients that the load cannot play: a file of the folder. It finds the service in SERVICE_URL, and is CROWD_URL itself. */
  crowd?: string;
  /** What is asked when all is done, and answered in a few words for people: "SERVICE_URL GET /memory". */
  remark?: string;
  /** Why it cannot be run here, and what would change that, in one line; null when it can. */
  findObstacle?: () => string | null;
  /**
   * Everything that must be found. Nothing else may be: none in the fixed twin (a control has that one alone), and in the
   * faulty one only rules that `mayHave` names, of what sometimes follows from the fault.
   */
  variants: { faulty?: { expect: readonly Expectation[]; mayHave?: readonly string[] }; fixed: { expect: readonly [] } };
}

/** Those that it has, faulty first. */
export function variantsOf({ variants }: Scenario): Variant[] {
  return VARIANTS.filter((variant) => variants[variant] !== undefined);
}

/** What must be found in a variant. */
export function expectationsOf({ variants }: Scenario, variant: Variant): readonly Expectation[] {
  return variants[variant]?.expect ?? [];
}

/** Index of the step that is compared between the variants. */
export function headlineOf({ headline, steps }: Scenario): number {
  return headline ?? steps.length - 1;
}

/** A scenario that cannot be run; its message is one line for the user. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** A compiled file of a scenario: a variant's service, or a server that it needs. */
export function compiledFile(scenario: Scenario, name: string): string {
  return fileURLToPath(new URL(`./${scenario.name}/${name}.js`, import.meta.url));
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
