/** The least that an analysis could do: unpacks a file and parses it line by line. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const CHUNK_BYTES = 1 << 18;
const file = process.argv[2] ?? '';
const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
let rest = '';
let lines = 0;
for await (const chunk of (file.endsWith('.gz') ? source.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : source).setEncoding('utf8') as AsyncIterable<string>) {
  const texts = (rest + chunk).split('\n');
  rest = texts.pop() ?? '';
  for (const text of texts) {
    JSON.parse(text);
    lines += 1;
  }
}
process.stdout.write(`${lines}\n`);
