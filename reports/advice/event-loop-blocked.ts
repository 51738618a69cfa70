export function adviseBlocked(isPlaceKnown: boolean, isFrozen: boolean): string {
  const first = isFrozen ? 'The process did nothing any more, and its connections, transactions and locks stayed as they were. Look for a lock that is waited for synchronously, or a loop that does not end.' : 'While the event loop is blocked, no answer of the database is read, no connection is handed on and no timeout fires, for any request of the process.';
  const then = isPlaceKnown
    ? 'Move this work to a worker thread, do it in smaller pieces, or at least before the connection is asked for.'
    : 'No sample of the blocking code was taken: node --cpu-prof shows it. A machine that has too little processor for all that runs on it looks the same.';
  return `${first} ${then}`;
}
