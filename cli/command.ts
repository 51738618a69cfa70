/** What a command is: its words for yargs, and one function that does the work and says the exit code. */
import type { Argv, InferredOptionTypes, Options, PositionalOptions } from 'yargs';
import type { Terminal } from './terminal.js';

export interface Context {
  terminal: Terminal;
  /** What was written after "--". */
  program: string[];
}

/** A command line without "lifeguard", and what it does. */
export type Example = readonly [line: string, purpose: string];

type Positionals = Record<string, PositionalOptions>;

interface CommandSpec<O extends Record<string, Options>, P extends Positionals> {
  /** As yargs reads it: "report [trace..]". */
  usage: string;
  describe: string;
  /** A program to run is written after "--". */
  takesProgram?: true;
  options: O;
  positionals: P;
  examples: readonly Example[];
  run(args: InferredOptionTypes<O> & InferredOptionTypes<P>, context: Context): Promise<number>;
}

export interface Command {
  name: string;
  usage: string;
  describe: string;
  optionNames: string[];
  /** Those of them that take no value. */
  switches: string[];
  takesProgram: boolean;
  examples: readonly Example[];
  /** Tells yargs about options, positionals and examples. */
  describeTo(yargs: Argv): Argv;
  run(args: never, context: Context): Promise<number>;
}

export function defineCommand<const O extends Record<string, Options>, const P extends Positionals>(spec: CommandSpec<O, P>): Command {
  return {
    name: spec.usage.split(' ', 1).join(''),
    usage: spec.usage,
    describe: spec.describe,
    takesProgram: spec.takesProgram ?? false,
    examples: spec.examples,
    optionNames: Object.keys(spec.options),
    switches: Object.keys(spec.options).filter((name) => spec.options[name]?.type === 'boolean'),
    describeTo(yargs) {
      for (const [name, positional] of Object.entries(spec.positionals)) yargs.positional(name, positional);
      return yargs.options(spec.options).epilogue(describeExamples(spec.examples));
    },
    run: (args, context) => spec.run(args, context),
  };
}

/** Commands under one word: `scenario list`, `scenario run`. */
export interface CommandGroup {
  name: string;
  describe: string;
  commands: readonly Command[];
}

/** For the end of a help text; yargs' own two columns break long lines in the middle. */
export function describeExamples(examples: readonly Example[]): string {
  return ['Examples:', ...examples.map(([line, purpose]) => `  lifeguard ${line}\n      ${purpose}`)].join('\n');
}
