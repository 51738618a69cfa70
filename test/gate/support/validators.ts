/** The validators that the formats are made for; all of them work offline. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ROOT } from '../../support/folder.js';
import { validateXML } from 'xmllint-wasm';

/** What is wrong with JUnit files, by their names; empty when nothing is. */
export async function validateJunit(files: Record<string, string>): Promise<string[]> {
  const schema = readFileSync(join(ROOT, 'test/gate/support/junit.xsd'), 'utf8');
  const xml = Object.entries(files).map(([name, contents]) => ({ fileName: `${name.replaceAll(' ', '-')}.xml`, contents }));
  const { errors } = await validateXML({ xml, schema: { fileName: 'junit.xsd', contents: schema } });
  return errors.map(({ rawMessage }) => rawMessage);
}

const require = createRequire(join(ROOT, 'package.json'));

interface SarifLog {
  runs: { results?: { ruleId?: string; level?: string; kind?: string; message: { text?: string; arguments?: string[] } }[] }[];
}

/** The folder of the official validator, with its schema; null where it is not to be had. */
export function findMultitool(): string | null {
  try {
    // Its package for this system is a dependency of its main one.
    const main = require.resolve('@microsoft/sarif-multitool/package.json');
    return dirname(createRequire(main).resolve(`@microsoft/sarif-multitool-${process.platform}/package.json`));
  } catch {
    return null;
  }
}

/** What the official schema says against a SARIF file. */
export function validateSarifSchema(tool: string, sarif: string): string[] {
  const schema = JSON.parse(readFileSync(join(tool, 'sarif-2.1.0.json'), 'utf8')) as object;
  const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  return validate(JSON.parse(sarif)) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

/**
 * What the official validator says, its rules for GitHub's code scanning included: errors and warnings (its notes are
 * matters of taste). Null where it does not run.
 */
export function validateSarif(tool: string, sarif: string, folder: string): string[] | null {
  const [input, output] = [join(folder, 'input.sarif'), join(folder, 'output.sarif')];
  writeFileSync(input, sarif);
  const env = { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', DOTNET_BUNDLE_EXTRACT_BASE_DIR: folder };
  const { error } = spawnSync(executable(tool, folder), ['validate', input, '--rule-kind', 'Sarif;Ghas', '--level', 'Error;Warning;Note', '-o', output, '--log', 'ForceOverwrite'], { env });
  if (error !== undefined || !existsSync(output)) return null;
  const log = JSON.parse(readFileSync(output, 'utf8').replace(/^\uFEFF/, '')) as SarifLog;
  const results = log.runs.flatMap(({ results = [] }) => results);
  // "warning" is what SARIF assumes where no level is given.
  return results.filter(({ level, kind }) => level !== 'note' && (kind ?? 'fail') === 'fail').map(({ ruleId, message }) => `${ruleId}: ${message.text ?? message.arguments?.join(' ') ?? ''}`);
}

/** Where install scripts did not run, nobody has made it executable. */
function executable(tool: string, folder: string): string {
  const file = join(tool, `Sarif.Multitool${process.platform === 'win32' ? '.exe' : ''}`);
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch {
    const copy = join(folder, 'Sarif.Multitool');
    copyFileSync(file, copy);
    chmodSync(copy, 0o755);
    return copy;
  }
}
