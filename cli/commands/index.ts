/** Every command there is. They load what they need when they run. */
import type { Command, CommandGroup } from '../command.js';
import { recordCommand } from './record.js';

export const COMMANDS: readonly (Command | CommandGroup)[] = [recordCommand];
