export function adviseRepeated(isRead: boolean, inTransaction: boolean): string {
  const cost = `Each of them is a round trip to the server${inTransaction ? ', during which the transaction stays open' : ''}.`;
  const way = isRead
    ? 'Fetch them all with one statement (where … = any($1), or a join), or tell the ORM to load the relation eagerly.'
    : 'Write them all with one statement: several rows of VALUES, insert … select from unnest($1, …), update … from (values …).';
  return `${cost} ${way}`;
}
