import { existsSync, writeFileSync } from 'node:fs';
import { defineCommand } from '../command.js';
import { EXIT, systemReason, ToolError } from '../errors.js';
import { say } from '../terminal.js';

/** Understood in every project, whatever its package.json says, and it has room for comments. */
const NAME = 'lifeguard.config.mjs';

/** `lifeguard init`: a configuration to be edited. */
export const initCommand = defineCommand({
  usage: 'init',
  describe: `Write a commented ${NAME}`,
  positionals: {},
  options: { force: { type: 'boolean', describe: 'Overwrite it' } },
  examples: [['init', 'here; it changes nothing until it is edited']],
  async run({ force }) {
    const [{ CONFIG_NAMES }, { writeTemplate }] = await Promise.all([import('../report/config-file.js'), import('../report/config-template.js')]);
    const present = CONFIG_NAMES.find((name) => existsSync(name));
    // Two of them side by side would leave one without effect.
    if (present !== undefined && present !== NAME) throw new ToolError(`there is a ${present} already, and only one is read; delete it to have a ${NAME} written`);
    try {
      writeFileSync(NAME, writeTemplate(), { flag: force ? 'w' : 'wx' });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new ToolError(code === 'EEXIST' ? `there is a ${NAME} already; --force overwrites it` : `cannot write ${NAME}: ${systemReason(code)}`);
    }
    say(`${NAME} written: everything in it is commented out, edit what you want to have otherwise`);
    return EXIT.clean;
  },
});
