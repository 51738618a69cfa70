/** What of a command line and of its URLs a report may tell: it goes to more people than they do. */
import { existsSync } from 'node:fs';

/** What a package manager runs is a name in package.json. */
const SCRIPT = /^(?:npm|pnpm|yarn|bun)(?: run| run-script)? \w[\w:.-]*/;

/** The program, and the script that it runs; "…" for the arguments, which may be secrets. */
export function tellCommand(command: readonly string[]): string {
  const [program = '', script = ''] = command;
  const whole = command.join(' ');
  const told = SCRIPT.exec(whole)?.[0] ?? (script !== '' && existsSync(script) ? `${program} ${script}` : program);
  return told.length < whole.length ? `${told} …` : told;
}

/** Without its user, password, query and fragment. */
export function tellUrl(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/s, '');
}
