/** A word on stderr while something takes its time; only where a person watches. */

/** @param text what is being done; null: it will not take long. */
export async function whileBusy<Result>(text: string | null, work: () => Result | Promise<Result>): Promise<Result> {
  if (text === null || !process.stderr.isTTY) return await work();
  process.stderr.write(`\r\u001b[2K${text} …`);
  try {
    return await work();
  } finally {
    process.stderr.write('\r\u001b[2K');
  }
}
