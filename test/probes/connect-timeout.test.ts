import test from 'ava';
import { record } from './support/recorded.js';

test('a request whose connection takes too long to open was turned away by the timeout, as one that waited in line', async (t) => {
  const { holds, stdout } = await record(t, 'mute-server.mjs', '');
  t.deepEqual(JSON.parse(stdout), ['Connection terminated due to connection timeout', 'timeout exceeded when trying to connect']);
  t.deepEqual(holds.map(({ line: { via, outcome, error } }) => ({ via, outcome, error })), [
    { via: 'connect', outcome: 'timeout', error: undefined },
    { via: 'query', outcome: 'timeout', error: undefined },
  ]);
});
