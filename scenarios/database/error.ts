/** No database to work with; its message is one line for the user, without any password. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}
