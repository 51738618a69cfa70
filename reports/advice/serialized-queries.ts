export function adviseSerialized(): string {
  return "A connection runs one statement at a time: what is sent together waits in the client's queue, so Promise.all gains nothing here, and pg warns that it will not accept this any more. Await the statements one by one, put them into one statement, or, where they need not share a transaction, use pool.query, which gives each a connection of its own.";
}
