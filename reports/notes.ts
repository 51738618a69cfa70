/** What a reader should know of a run beside what was found: none of it changes the verdict. */
import type { Connection, Recording, Timeline } from './model.js';
import { checkoutsOf } from './timeline/checkout-list.js';
import { sayMany, sayMs, sayPlace } from './words.js';

/** More processes than this are counted, not named. */
const MOST_NAMED = 3;

export function noteRun(timeline: Timeline): string[] {
  return [...noteEnds(timeline), ...noteBeginnings(timeline), ...noteClock(timeline), ...noteConnections(timeline)];
}

/** @param pauses in transactions, in milliseconds, that came while the probe took samples only: each may have been an await. */
export function noteUnwatched(pauses: readonly number[]): string[] {
  if (pauses.length === 0) return [];
  const longestMs = pauses.reduce((longest, ms) => Math.max(longest, ms), 0);
  const [were, awaits] = pauses.length === 1 ? ['was', 'it may have been an await'] : ['were', 'they may have been awaits'];
  return [`${sayMany(pauses.length, 'pause')} in transactions, up to ${sayMs(longestMs)} long, ${were} not watched, as the traffic was heavy and nothing had been awaited before: ${awaits}`];
}

function noteEnds({ recordings }: Timeline): string[] {
  // One that was ended on purpose is as it should be.
  const cut = recordings.filter(({ complete, gone }) => !complete && gone !== 'ended');
  const fate = cut.every(({ gone }) => gone === 'killed') ? '' : ', or still running';
  if (cut.length > MOST_NAMED) return [`${sayMany(cut.length, 'trace')} without an end: killed${fate}`];
  return cut.map((recording) => `the trace of ${sayProcess(recording)} has no end: killed ${sayMs(recording.endMs - recording.startMs)} after its start${fate}`);
}

function noteBeginnings({ recordings }: Timeline): string[] {
  const cut = recordings.filter(({ startMs, fromMs }) => fromMs > startMs);
  if (cut.length > MOST_NAMED) return [`of ${sayMany(cut.length, 'trace')} only the last part was kept`];
  return cut.map((recording) => `the first ${sayMs(recording.fromMs - recording.startMs)} of ${sayProcess(recording)} were not kept`);
}

function noteClock({ recordings }: Timeline): string[] {
  const [most = 0] = recordings.map(({ clockSetMs = 0 }) => clockSetMs).toSorted((a, b) => Math.abs(b) - Math.abs(a));
  if (most === 0) return [];
  // One that sleeps cannot be told from one whose clock is set forward.
  const what = most < 0 ? `clock was set back by ${sayMs(-most)}` : `clock was set forward by ${sayMs(most)}, or it slept,`;
  return [`the machine's ${what} between the starts of two processes: their times are told as if that had not been`];
}

/** What the codes of PostgreSQL and of the system mean, as far as their reader can act on it. */
const REASONS: Record<string, string> = {
  '25P03': 'idle_in_transaction_session_timeout',
  '25P04': 'transaction_timeout',
  '57P01': 'terminated by an administrator or a shutdown',
  '57P02': 'the server crashed',
  '57P03': 'the server was starting up or shutting down',
  '57P05': 'idle_session_timeout',
  '53300': 'too many connections',
  '28P01': 'wrong password',
};
/** pg's name for a connection that ended without a word of the server. */
const UNEXPECTED = 'Error';

function noteConnections(timeline: Timeline): string[] {
  const groups = new Map<string, Connection[]>();
  for (const connection of timeline.connections) {
    const { error, connectedMs } = connection;
    if (error === null) continue;
    const reason = error === UNEXPECTED ? '' : ` (${error}${REASONS[error] === undefined ? '' : `, ${REASONS[error]}`})`;
    const how = connectedMs === null ? `could not be opened${reason}` : /^[0-9A-Z]{5}$/.test(error) ? `closed by the server${reason}` : `broken off${reason}`;
    const group = groups.get(how);
    if (group === undefined) groups.set(how, [connection]);
    else group.push(connection);
  }
  if (groups.size === 0) return [];
  const broken = new Set([...groups.values()].flat());
  const inUse = new Map<Connection, string>();
  for (const { connection, acquiredMs, endedMs, error, stack } of checkoutsOf(timeline).onConnections(broken)) {
    if (connection === null || acquiredMs === null || inUse.has(connection)) continue;
    const { closedMs, connectedMs } = connection;
    if (connectedMs === null || closedMs === null || acquiredMs > closedMs) continue;
    // Whoever gets the error may give it back before it is closed.
    if (endedMs !== null && endedMs < closedMs && error === '') continue;
    const site = stack?.frames[0];
    inUse.set(connection, site === undefined ? '' : sayPlace(site));
  }
  return [...groups].map(([how, group]) => {
    const places = group.map((connection) => inUse.get(connection)).filter((place) => place !== undefined);
    const place = places.find((one) => one !== '');
    const was = group.length === 1 ? 'was' : 'were';
    const use = places.length === 0 ? '' : `, ${places.length === group.length ? '' : `${places.length} of them `}while in use${place === undefined ? '' : ` (acquired at ${place})`}`;
    return how.startsWith('could') ? `${sayMany(group.length, 'connection')} ${how}` : `${sayMany(group.length, 'connection')} ${was} ${how}${use}`;
  });
}

function sayProcess({ key, header }: Recording): string {
  const script = header.script.split(/[\\/]/).at(-1) ?? '';
  return script === '' ? `process ${key}` : `${script} (process ${key})`;
}
