import { defineCommand } from '../command.js';
import { EXIT } from '../errors.js';
import { writeOut } from '../terminal.js';

/** `lifeguard scenario list` */
export const scenarioListCommand = defineCommand({
  usage: 'list',
  describe: 'The scenarios: small services with one fault each',
  positionals: {},
  options: { json: { type: 'boolean', describe: 'As JSON' } },
  examples: [['scenario list', 'names and what they show']],
  async run({ json }) {
    const { SCENARIOS } = await import('../../scenarios/catalogue.js');
    if (json) {
      const list = SCENARIOS.map(({ findObstacle, ...scenario }) => ({ ...scenario, obstacle: findObstacle?.() ?? null }));
      await writeOut(`${JSON.stringify(list, null, 2)}\n`);
    } else await writeOut(SCENARIOS.map(({ name, summary }) => `${name}\n    ${summary}\n`).join(''));
    return EXIT.clean;
  },
});
