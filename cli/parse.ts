/** argv → the command and its typed options → its exit code. */
import yargs, { type Argv } from 'yargs';
import { describeExamples, type Command, type CommandGroup } from './command.js';
import { COMMANDS } from './commands/index.js';
import { toolOf } from '../reports/tool.js';
import { EXIT, ToolError } from './errors.js';
import { didYouMean } from './suggest.js';
import { describeTerminal } from './terminal.js';

/**
 * Runs the command that the words ask for.
 * @param argv without node and script.
 * @returns the exit code.
 * @throws ToolError when the words make no sense.
 */
export async function parse(argv: readonly string[]): Promise<number> {
  const cut = argv.indexOf('--');
  const words = cut === -1 ? [...argv] : argv.slice(0, cut);
  const program = cut === -1 ? [] : argv.slice(cut + 1);
  const path = findCommand(words);
  const { command } = path;

  if (words.includes('--version')) {
    process.stdout.write(`${toolOf().version}\n`);
    return EXIT.clean;
  }
  if (words.includes('--help') || words.includes('-h')) {
    const target = words.filter((word) => !word.startsWith('-')).length === 0 ? describeAll() : command === null ? describeGroup(path) : describeOne(path, command);
    // yargs puts the line of a default command above the usage that was set.
    process.stdout.write(`${(await target.getHelp()).replace(/^lifeguard.*\n(?=lifeguard )/, '')}\n`);
    return EXIT.clean;
  }
  if (command === null) throw noCommand(path);
  const rest = words.toSpliced(0, 0);
  for (const name of path.names) rest.splice(rest.indexOf(name), 1);
  if (command.takesProgram && program.length === 0) throw noProgram(command, rest);
  refuseValues(rest, command);
  joinDashes(rest);
  const args = await describeOne(path, command, rest).parseAsync(command.takesProgram || program.length === 0 ? rest : [...rest, '--', ...program]);
  return await command.run(args as never, { terminal: describeTerminal(args['color'] as boolean | undefined), program });
}

interface CommandPath {
  /** The words that led to the command or group. */
  names: string[];
  group: CommandGroup | null;
  command: Command | null;
  /** The word that should have been a command. */
  unknown: string | null;
}

/** No global option takes a value, so the first bare words are the command. */
function findCommand(words: readonly string[]): CommandPath {
  const [first = null, second = null] = words.filter((word) => !word.startsWith('-'));
  const entry = COMMANDS.find(({ name }) => name === first);
  if (entry === undefined) return { names: [], group: null, command: null, unknown: first };
  if (!('commands' in entry)) return { names: [entry.name], group: null, command: entry, unknown: null };
  const command = entry.commands.find(({ name }) => name === second);
  return command === undefined
    ? { names: [entry.name], group: entry, command: null, unknown: second }
    : { names: [entry.name, command.name], group: entry, command, unknown: null };
}

function baseParser(): Argv {
  return yargs()
    .scriptName('lifeguard')
    .locale('en')
    .parserConfiguration({ 'greedy-arrays': false, 'dot-notation': false, 'parse-numbers': false, 'parse-positional-numbers': false })
    .option('color', { type: 'boolean', describe: 'Colours; --no-color for none', defaultDescription: 'if the terminal can' })
    .option('debug', { type: 'boolean', describe: 'Show the stack of an error' })
    .version(false)
    .help('help', 'Show this')
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .strict()
    .exitProcess(false);
}

/** yargs would take any value of a switch but "true" for "false". @throws ToolError */
function refuseValues(rest: readonly string[], { switches }: Command): void {
  for (const word of rest) {
    const [, name = '', value = ''] = /^--(?:no-)?([\w-]+)=(.*)$/s.exec(word) ?? [];
    if (!['true', 'false'].includes(value) && [...switches, ...GLOBAL_SWITCHES].includes(name)) throw new ToolError(`--${name} is ${JSON.stringify(value)}, but it takes no value: --${name}, or --no-${name}`);
  }
}

/** "-", for stdout, looks like an option without a name. */
function joinDashes(rest: string[]): void {
  for (let at = rest.indexOf('-'); at > 0; at = rest.indexOf('-', at + 1)) {
    if (rest[at - 1]?.startsWith('--')) rest.splice(at - 1, 2, `${rest[at - 1]}=-`);
  }
}

const GLOBAL_SWITCHES = ['color', 'debug', 'help'];

function describeOne({ names }: CommandPath, command: Command, rest: readonly string[] = []): Argv {
  const parser = baseParser();
  const usage = ['lifeguard', ...names, ...command.usage.split(' ').slice(1), '[options]', ...(command.takesProgram ? ['-- <command…>'] : [])].join(' ');
  parser.fail((message: string, error: Error | undefined) => {
    throw error instanceof ToolError ? error : new ToolError(explain(message, names, command, rest));
  });
  // The default command of its parser, as the names have been taken off.
  const positionals = command.usage.split(' ').slice(1);
  const describe = (inner: Argv): Argv => command.describeTo(inner).usage(`${usage}\n\n${command.describe}`);
  return parser.command(['$0', ...positionals].join(' '), false, describe, () => {});
}

function describeGroup({ group }: CommandPath): Argv {
  const parser = baseParser().usage(`$0 ${group?.name} <command> [options]\n\n${group?.describe}`);
  for (const command of group?.commands ?? []) parser.command(`${group?.name} ${command.usage}`, command.describe);
  return parser;
}

function describeAll(): Argv {
  const parser = baseParser().usage('$0 <command> [options]\n\nFinds the line of code that drains your PostgreSQL connection pool.');
  for (const entry of COMMANDS) {
    if ('commands' in entry) for (const command of entry.commands) parser.command(`${entry.name} ${command.usage}`, command.describe);
    else parser.command(entry.takesProgram ? `${entry.usage} -- <command…>` : entry.usage, entry.describe);
  }
  return parser
    .option('version', { type: 'boolean', describe: 'Show the version' })
    .epilogue(`${describeExamples([['record --help', 'the options of one command'], ...COMMANDS.flatMap((entry) => ('commands' in entry ? entry.commands : [entry])).flatMap(({ examples }) => examples.slice(0, 1))])}\n\nExit codes: 0 clean, 1 findings over the limits, 2 the tool could not do its work.`);
}

function noCommand({ names, group, unknown }: CommandPath): ToolError {
  const prefix = names.map((name) => `${name} `).join('');
  const all = (group?.commands ?? COMMANDS).map(({ name }) => name);
  const allowed = `expected ${all.map((name) => `${prefix}${name}`).join(', ')}`;
  return unknown === null
    ? new ToolError(`no command given, ${allowed} (lifeguard --help says more)`)
    : new ToolError(`there is no command "${prefix}${unknown}", ${allowed}${didYouMean(unknown, all, prefix)}`);
}

function noProgram({ name }: Command, rest: readonly string[]): ToolError {
  const given = rest.findIndex((word) => !word.startsWith('-'));
  const example = given === -1 || rest[given - 1]?.startsWith('-') ? 'node app.js' : rest.slice(given).join(' ');
  return new ToolError(`no program to ${name}, expected it behind "--": lifeguard ${name} -- ${example}`);
}

/** yargs' words in ours: what was wrong, and what is allowed. */
function explain(message: string, names: readonly string[], command: Command, rest: readonly string[]): string {
  const more = `lifeguard ${names.join(' ')} --help says more`;
  const [, unknown] = /^Unknown (?:arguments?|options?|commands?): (.*)$/s.exec(message) ?? [];
  if (unknown !== undefined) {
    const [first = ''] = unknown.split(', ');
    const written = ['--', '-'].map((dashes) => dashes + first).find((word) => rest.some((given) => given === word || given.startsWith(`${word}=`)));
    if (written === undefined && rest.includes(first)) return `there is no place for ${JSON.stringify(first)} (${more})`;
    const options = [...command.optionNames, ...GLOBAL_SWITCHES];
    return `there is no option ${written ?? `--${first}`}${didYouMean(first, options, '--')} (expected ${options.map((name) => `--${name}`).join(', ')})`;
  }
  const [, valueless] = /^Not enough arguments following: (.*)$/.exec(message) ?? [];
  if (valueless !== undefined) return `--${valueless} needs a value (${more})`;
  return `${message} (${more})`;
}
