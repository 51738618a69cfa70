/** Under which account the server runs. PostgreSQL refuses to run as root. */
import { readFileSync } from 'node:fs';
import { DatabaseError } from './error.js';

/** As child_process takes it; empty: our own. */
export interface Account {
  uid?: number;
  gid?: number;
}

/**
 * Our own account, unless we are root: then an unprivileged one.
 * @throws DatabaseError when the system has no such account.
 */
export function chooseAccount(ourUid: number | undefined = process.geteuid?.(), passwd: string = readAccounts()): Account {
  if (ourUid !== 0) return {};
  const accounts = passwd.split('\n').flatMap(parseAccount);
  // initdb asks the system for its account's name, so an unused number will not do. Every system has a nobody; where
  // somebody took it out, any other account that is not root's is as good.
  const choice = accounts.find(({ name }) => name === 'nobody') ?? accounts.find(({ name }) => name === 'postgres') ?? accounts[0];
  if (choice === undefined) {
    throw new DatabaseError('PostgreSQL does not run as root, and /etc/passwd has no other account (nobody would do). Use a server of your own with --database URL');
  }
  return { uid: choice.uid, gid: choice.gid };
}

function parseAccount(line: string): { name: string; uid: number; gid: number }[] {
  const [name, , uid, gid] = line.split(':');
  if (!name || line.startsWith('#') || !/^-?\d+$/.test(uid ?? '') || !/^-?\d+$/.test(gid ?? '')) return [];
  // macOS writes nobody's -2 with its sign.
  const account = { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
  return account.uid === 0 ? [] : [account];
}

function readAccounts(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}
