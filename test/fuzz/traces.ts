/** Traces to be damaged: made by the recorder's own code, or told as text; all of them have findings. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTrace } from '../bench/analysis/make-trace.js';
import { toNdjson } from '../reports/support/analyse-text.js';
import { randomTrace } from '../reports/support/random-trace.js';
import { traceOf } from '../reports/support/trace-text.js';

const FAULTS = `process 7 cwd /app
  pool 1 max 2
  connection 1 connecting 0 connected 3
  connection 2 connecting 0 connected 4
  checkout 1 from 5 wait 0.01 use 300 connection 1 at handler@/app/app.js:3
    0.1..1 sql BEGIN -> T at handler@/app/app.js:4
    1..200 wait http "GET x" started handler@/app/app.js:5
    200..201 sql COMMIT at handler@/app/app.js:6
  checkout 2 from 6 wait 0.01 use 900 connection 2 at handler@/app/app.js:3
    0.1..1 sql BEGIN -> T at handler@/app/app.js:4
    1..800 wait timer "800 ms" started handler@/app/app.js:5
    800..801 sql ROLLBACK at handler@/app/app.js:6
  checkout 3 from 7 wait 298 use 50 connection 1 at other@/app/app.js:9
    298..300 sql BEGIN -> T at other@/app/app.js:10
    301..302 sql select 1 -> E !42703 at other@/app/app.js:11
  checkout 4 from 8 wait 347 use 2 connection 1 via query at other@/app/app.js:12
    347..349 sql select 2 -> E !25P02
  checkout 5 from 400 wait 0.01 connection 1 at leaky@/app/app.js:20
    0.1..1 sql select 3 at leaky@/app/app.js:21
  checkout 6 from 1000 timeout 500 at handler@/app/app.js:3
  blocked 1600..2100 at crunch@/app/app.js:30
  alive 9000
  end 0 at 9000`;

/** By name. */
export function tracesToDamage(): Map<string, Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-fuzz-'));
  const file = join(folder, 'service.ndjson');
  makeTrace(file, 400);
  const service = readFileSync(file);
  rmSync(folder, { recursive: true });
  return new Map([
    ['service', service],
    ['faults', Buffer.from(toNdjson(traceOf(FAULTS)))],
    ...[1, 2, 3].map((seed): [string, Buffer] => [`random-${seed}`, Buffer.from(toNdjson(traceOf(`${randomTrace(seed)}\nend 0 at 2000`)))]),
  ]);
}
