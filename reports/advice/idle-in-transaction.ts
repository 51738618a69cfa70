import { sayMs } from '../words.js';

export function adviseIdle(maxMs: number): string {
  return `For up to ${sayMs(maxMs)} the transaction was open although the program neither sent a statement nor waited for anything that could be traced. Look at what runs before this line: computing, parsing and rendering belong before BEGIN or after COMMIT; a callback that is called late, or an event that is waited for, does too. In PostgreSQL, idle_in_transaction_session_timeout puts an end to the worst of it.`;
}
