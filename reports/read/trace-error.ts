/** What was given is no trace that can be read. The message is one line: what was read, where, what is allowed. */
export class TraceError extends Error {
  override name = 'TraceError';
}
