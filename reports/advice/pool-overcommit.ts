export function adviseOvercommit(isRefused: boolean): string {
  const what = isRefused ? 'Requests fail with 53300 (too many clients) although their own pool has room.' : 'When all of them fill their pools at once, connections will be refused (53300), in whichever process comes last.';
  return `${what} Processes × max, of all services that use the server, has to stay below its max_connections, less those that are reserved: make max smaller (a pool rarely needs more connections than the server has processors for it), run fewer processes, or put a pooler such as PgBouncer in front.`;
}
