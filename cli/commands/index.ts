/** Every command there is. They load what they need when they run. */
import type { Command, CommandGroup } from '../command.js';
import { checkCommand } from './check.js';
import { compareCommand } from './compare.js';
import { initCommand } from './init.js';
import { recordCommand } from './record.js';
import { reportCommand } from './report.js';
import { runCommand } from './run.js';
import { scenarioListCommand } from './scenario-list.js';
import { scenarioRunCommand } from './scenario-run.js';
import { scenarioSweepCommand } from './scenario-sweep.js';
import { sweepCommand } from './sweep.js';
import { whatIfCommand } from './whatif.js';

export const COMMANDS: readonly (Command | CommandGroup)[] = [
  runCommand,
  recordCommand,
  reportCommand,
  checkCommand,
  initCommand,
  { name: 'scenario', describe: 'Small services with one fault each, and their fixed twins', commands: [scenarioListCommand, scenarioRunCommand, scenarioSweepCommand] },
  sweepCommand,
  whatIfCommand,
  compareCommand,
];
