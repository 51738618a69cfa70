import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { say } from '../terminal.js';

const OPENERS: Partial<Record<NodeJS.Platform, [file: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Opens a file in the user's browser; says so when there is none, which is no error. */
export async function openBrowser(file: string): Promise<void> {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, file], { stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
    child.unref();
  } catch {
    say(`cannot open a browser here (there is no ${command}); the report is ${file}`);
  }
}
