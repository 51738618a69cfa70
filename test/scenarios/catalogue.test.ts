import test from 'ava';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EPISODE_CAUSES, RULE_IDS } from '../../reports/model.js';
import { findScenario, SCENARIOS } from '../../scenarios/catalogue.js';
import { findMarkedLine, ScenarioError, serviceFile, sourceFile, VARIANTS } from '../../scenarios/scenario.js';
import { temporaryFolder } from '../support/folder.js';

test('every scenario has a name of its own, in kebab-case', (t) => {
  const names = SCENARIOS.map(({ name }) => name);
  t.true(names.includes('eleventh-request'));
  t.is(new Set(names).size, names.length);
  for (const name of names) t.regex(name, /^[a-z]+(-[a-z]+)*$/);
});

for (const scenario of SCENARIOS) {
  test(`${scenario.name}: its services are there, and what is expected names known rules and marked lines`, (t) => {
    for (const text of [scenario.summary, scenario.fault, scenario.cure]) t.regex(text, /^[A-Z][^\n]+\.$/);
    for (const variant of VARIANTS) {
      t.true(existsSync(serviceFile(scenario, variant)));
      t.true(existsSync(sourceFile(scenario, variant)));
      for (const { rule, cause, marker } of scenario.variants[variant].expect) {
        t.true((RULE_IDS as readonly string[]).includes(rule), rule);
        t.true(cause === undefined || (EPISODE_CAUSES as readonly string[]).includes(cause), cause);
        if (marker !== null) t.true(findMarkedLine(sourceFile(scenario, variant), marker) > 0);
      }
    }
    t.true(scenario.variants.faulty.expect.length > 0);
    t.deepEqual(scenario.variants.fixed.expect, []);
  });

  test(`${scenario.name}: its pool is as large as it says, and the load steps over it`, (t) => {
    for (const variant of VARIANTS) {
      t.is(/\bmax: (\d+)/.exec(readFileSync(sourceFile(scenario, variant), 'utf8'))?.[1], String(scenario.poolSize));
    }
    const steps = scenario.steps.map(({ connections }) => connections);
    t.true(steps.includes(scenario.poolSize));
    t.true(steps.includes(scenario.poolSize + 1));
  });
}

test('an unknown scenario is answered with the names that there are', (t) => {
  t.throws(() => findScenario('eleventh'), { instanceOf: ScenarioError, message: `no scenario is called "eleventh", there is: ${SCENARIOS.map(({ name }) => name).join(', ')}` });
});

test('a marked line is found by its comment, if there is one only', (t) => {
  const file = join(temporaryFolder(t), 'service.ts');
  writeFileSync(file, 'one();\ntwo(); // ← the fault\nthree(); // ← other: for a reason\nfour(); // ← twice\nfive(); // ← twice\n');
  t.is(findMarkedLine(file, 'the fault'), 2);
  t.is(findMarkedLine(file, 'other'), 3);
  t.throws(() => findMarkedLine(file, 'the'), { message: /has 0 lines marked "\/\/ ← the", expected one/ });
  t.throws(() => findMarkedLine(file, 'twice'), { message: /has 2 lines/ });
});
