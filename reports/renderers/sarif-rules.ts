import { LIMIT_NAMES, LIMIT_TEXTS, type LimitName } from '../gate/config.js';
import { RULE_TEXTS } from '../gate/rule-texts.js';
import { RULE_IDS } from '../model.js';

/** The rules' metadata: those of the tool, then the limits that a configuration can set. Results refer to their index. */
export function describeRules(): object[] {
  const rules = RULE_IDS.map((id) => describeRule(id, RULE_TEXTS[id].title, RULE_TEXTS[id].help));
  const limits = LIMIT_NAMES.map((name) => {
    const help = `A configured limit is exceeded: ${LIMIT_TEXTS[name]}. Look at the place that is named, or change ${name} in the configuration.`;
    return describeRule(limitRuleId(name), `Limit ${name}: ${LIMIT_TEXTS[name]}`, help);
  });
  return [...rules, ...limits];
}

/** "gapMaxMs" → "limit-gap-max-ms". */
export function limitRuleId(name: LimitName): string {
  return `limit-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function describeRule(id: string, title: string, help: string): object {
  return {
    id,
    name: id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `${title}.` },
    fullDescription: { text: help },
    help: { text: help, markdown: `**${title}**\n\n${help}` },
    defaultConfiguration: { level: 'error' },
    properties: { tags: ['postgresql', 'connection-pool', 'performance'], precision: 'very-high' },
  };
}
