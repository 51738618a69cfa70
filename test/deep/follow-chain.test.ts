/** From a waker back to what woke it, on logs of a few operations. */
import test from 'ava';
import { followChain } from '../../reports/deep/follow-chain.js';
import { OperationLog } from '../../reports/deep/operation-log.js';

/** One event a line: "at +id type in execution by trigger", "at >id type", "at <id", "at -id". */
function logOf(text: string): OperationLog {
  const log = new OperationLog();
  for (const line of text.trim().split('\n')) {
    const [, at = '', sign = '', id = '', type = '', execution = '0', trigger = '0'] = /^\s*([\d.]+) ([+><-])(\d+)(?: (\w+))?(?: in (\d+))?(?: by (\d+))?$/.exec(line) ?? [];
    if (sign === '+') log.addCreated(Number(id), type, Number(trigger), Number(execution), Number(at));
    else if (sign === '>') log.addBefore(Number(id), type, Number(at));
    else if (sign === '<') log.addAfter(Number(id), Number(at));
    else if (sign === '-') log.addDestroyed(Number(id));
    else throw new Error(`no event: ${line}`);
  }
  return log;
}

function chainOf(text: string, waker: number, startMs: number, endMs: number): string[] {
  return followChain(logOf(text), waker, startMs, endMs).map(({ asyncId, role }) => `${asyncId} ${role}`);
}

/** A statement's answer (socket 2) has made the flow 10 go on, in which the gap from 100 on begins. */
const BEFORE = `
  1 +2 TCPWRAP in 1 by 1
  50 +10 PROMISE in 1 by 9
  99 >2 TCPWRAP
  100.5 <2
  100.6 >10 PROMISE`;

test('an awaited timer: the timer completed, the promise that waited for it was resumed', (t) => {
  const events = `${BEFORE}
    100.7 +20 PROMISE in 10 by 10
    100.8 +21 Timeout in 10 by 10
    100.9 +22 PROMISE in 10 by 20
    101 <10
    150 >21 Timeout
    150.1 <21
    150.2 >22 PROMISE`;
  t.deepEqual(chainOf(events, 22, 100, 150.3), ['10 origin', '20 awaited', '21 completed', '22 resumed']);
});

test('what another flow does in the same turn is not on the chain, nor is a sibling that finished before', (t) => {
  const events = `${BEFORE}
    100.6 +20 Timeout in 10 by 10
    100.7 +21 Timeout in 10 by 10
    100.8 +22 PROMISE in 10 by 10
    100.9 <10
    101 +30 Timeout in 1 by 1
    101.1 +31 PROMISE in 5 by 30
    120 >20 Timeout
    120.1 <20
    150 >21 Timeout
    150.1 <21
    150.2 >31 PROMISE
    150.3 <31
    150.4 >22 PROMISE`;
  t.deepEqual(chainOf(events, 22, 100, 150.5), ['10 origin', '21 completed', '22 resumed']);
});

test('two waits after each other in one gap: both are on it, with what began the second', (t) => {
  const events = `${BEFORE}
    100.7 +20 Timeout in 10 by 10
    100.8 +21 PROMISE in 10 by 10
    101 <10
    120 >20 Timeout
    120.1 <20
    120.2 >21 PROMISE
    120.3 +22 Timeout in 21 by 21
    120.4 +23 PROMISE in 21 by 21
    120.5 <21
    150 >22 Timeout
    150.1 <22
    150.2 >23 PROMISE`;
  t.deepEqual(chainOf(events, 23, 100, 150.3), ['10 origin', '20 completed', '21 resumed', '22 completed', '23 resumed']);
});

test('a request of fs/promises has no callback, and yet it is what completed; the timer before it is not', (t) => {
  const events = `${BEFORE}
    100.7 +19 PROMISE in 10 by 10
    100.8 +20 FSREQPROMISE in 10 by 10
    100.9 +21 PROMISE in 10 by 19
    101 <10
    130 +40 Timeout in 1 by 1
    140 >40 Timeout
    140.1 <40
    150.2 >21 PROMISE
    150.3 <21
    150.4 -20`;
  t.deepEqual(chainOf(events, 21, 100, 150.25), ['10 origin', '19 awaited', '20 completed', '21 resumed']);
  t.true(chainOf(events.replace('FSREQPROMISE', 'Timeout'), 21, 100, 150.25).includes('40 completed'), 'a timer that is cleared completes nothing');
});

test('a parser without events runs in the callback of its socket', (t) => {
  const events = `${BEFORE}
    100.7 +20 TCPWRAP in 10 by 10
    100.8 +21 HTTPCLIENTREQUEST in 10 by 10
    101 <10
    150 >20 TCPWRAP
    150.1 +22 TickObject in 21 by 21
    150.2 <20
    150.3 >22 TickObject`;
  t.deepEqual(chainOf(events, 22, 100, 150.4), ['10 origin', '20 completed', '21 resumed', '22 resumed']);
});

test('what is not known leads nowhere', (t) => {
  t.deepEqual(chainOf(BEFORE, 77, 100, 150), []);
});
