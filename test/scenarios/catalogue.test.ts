import test from 'ava';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EPISODE_CAUSES, RULE_IDS } from '../../reports/model.js';
import { findScenario, SCENARIOS } from '../../scenarios/catalogue.js';
import { findProgram } from '../../scenarios/find-program.js';
import { compiledFile, expectationsOf, findMarkedLine, headlineOf, ScenarioError, sourceFile, variantsOf } from '../../scenarios/scenario.js';
import { isStaircase } from '../../scenarios/summary.js';
import { temporaryFolder } from '../support/folder.js';

test('every scenario has a name of its own, in kebab-case', (t) => {
  const names = SCENARIOS.map(({ name }) => name);
  t.true(names.includes('eleventh-request'));
  t.is(new Set(names).size, names.length);
  for (const name of names) t.regex(name, /^[a-z]+(-[a-z]+)*$/);
});

for (const scenario of SCENARIOS) {
  test(`${scenario.name}: its files are there, and what is expected names known rules and marked lines`, (t) => {
    for (const text of [scenario.summary, scenario.fault, scenario.cure]) t.regex(text, /^[A-Z`][^\n]+\.$/);
    for (const file of [...Object.values(scenario.servers ?? {}), ...(scenario.crowd === undefined ? [] : [scenario.crowd])]) t.true(existsSync(compiledFile(scenario, file)), file);
    for (const rule of scenario.variants.faulty?.mayHave ?? []) t.true((RULE_IDS as readonly string[]).includes(rule), rule);
    for (const variant of variantsOf(scenario)) {
      t.true(existsSync(compiledFile(scenario, variant)));
      t.true(existsSync(sourceFile(scenario, variant)));
      for (const { rule, cause, marker } of expectationsOf(scenario, variant)) {
        t.true((RULE_IDS as readonly string[]).includes(rule), rule);
        t.true(cause === undefined || (EPISODE_CAUSES as readonly string[]).includes(cause), cause);
        if (marker !== null) t.true(findMarkedLine(sourceFile(scenario, variant), marker) > 0);
      }
    }
    t.true(scenario.variants.faulty === undefined || scenario.variants.faulty.expect.length > 0);
    t.true(headlineOf(scenario) < scenario.steps.length);
  });

  test(`${scenario.name}: its pool is as large as it says, and a load of rising concurrency steps over it`, (t) => {
    for (const variant of variantsOf(scenario)) {
      t.is(/\b(?:max: |THREADS = )(?:Number\(process\.env\['POOL_SIZE'\] \?\? )?(\d+)/.exec(readFileSync(sourceFile(scenario, variant), 'utf8'))?.[1], String(scenario.poolSize));
    }
    if (!isStaircase(scenario)) return;
    const steps = scenario.steps.map(({ connections }) => connections);
    t.true(steps.includes(scenario.poolSize));
    t.true(steps.includes(scenario.poolSize + 1));
  });

  test(`${scenario.name}: each service fits on a screen`, (t) => {
    for (const variant of variantsOf(scenario)) {
      const lines = readFileSync(sourceFile(scenario, variant), 'utf8').split('\n').length;
      t.true(lines <= 60, `${variant}: ${lines} lines`);
    }
  });
}

test('there is one control, which has no fault', (t) => {
  t.deepEqual(SCENARIOS.filter(({ variants }) => variants.faulty === undefined).map(({ name }) => name), ['healthy']);
});

test('an unknown scenario is answered with the names that there are', (t) => {
  t.throws(() => findScenario('eleventh'), { instanceOf: ScenarioError, message: `no scenario is called "eleventh", there is: ${SCENARIOS.map(({ name }) => name).join(', ')}` });
});

test('a program that is missing is named, with how to get it', (t) => {
  t.is(findProgram('no-such-bouncer', 'apt-get install it'), 'it needs the program no-such-bouncer, which is not there; apt-get install it');
  t.is(findProgram('sh', ''), null);
});

test('a marked line is found by its comment, if there is one only', (t) => {
  const file = join(temporaryFolder(t), 'service.ts');
  writeFileSync(file, 'one();\ntwo(); // ← the fault\nthree(); // ← other: for a reason\nfour(); // ← twice\nfive(); // ← twice\n');
  t.is(findMarkedLine(file, 'the fault'), 2);
  t.is(findMarkedLine(file, 'other'), 3);
  t.throws(() => findMarkedLine(file, 'the'), { message: /has 0 lines marked "\/\/ ← the", expected one/ });
  t.throws(() => findMarkedLine(file, 'twice'), { message: /has 2 lines/ });
});
