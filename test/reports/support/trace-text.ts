import type {
  CheckoutLine,
  CheckoutOutcome,
  ConnectionState,
  RawFrame,
  RawGap,
  RawQuery,
  RawWait,
  TraceHeader,
  TraceLine,
  TransactionStatus,
  WaitKind,
} from '../../../probes/trace/events.js';

/**
 * Traces as short text, so that a test shows what happens. One event a line; times are milliseconds; what is indented
 * belongs to the checkout above, its times counted from the checkout's request. `#` begins a comment.
 *
 *   process 100 cwd /app started 250          (optional, first; thread N; script FILE)
 *   pool 1 max 2
 *   connection 1 pool 1 connecting 0 connected 5 closed 90   (pipelined)
 *   checkout 1 pool 1 from 0 wait 5 use 100 via connect at handler@/app/a.js:10 < main@/app/a.js:2
 *     5..6 sql BEGIN -> T                     (status I is left out; "!40001" an error)
 *     6..106 wait timer "100 ms" started handler@/app/a.js:12 awaited … foreign
 *     106..106.2 gap ended handler@/app/a.js:13   (open, unwatched)
 *     106.2..107 sql COMMIT
 *     107.. running select 1
 *   checkout 2 pool 1 from 3 timeout 50       (or: failed 50 ECONNREFUSED; destroyed 10; pending, to the end)
 *   blocked 20..70 at f@/app/a.js:3          (open 20..70 at …: it had not ended then)
 *   lost 3 / problem here: text / alive 500 / end 0 at 900
 */
export function traceOf(text: string): TraceLine[] {
  const parser = new TraceText();
  for (const line of text.split('\n')) {
    const content = line.replace(/(^|\s)#.*$/, '').trimEnd();
    if (content.trim() !== '') parser.read(content.trim());
  }
  return parser.finish();
}

export const STARTED_AT = Date.UTC(2026, 0, 2, 3, 4, 5);

class TraceText {
  readonly #lines: TraceLine[] = [];
  readonly #stacks = new Map<string, number>();
  readonly #statements = new Map<string, number>();
  readonly #header: TraceHeader = {
    type: 'trace',
    version: 1,
    tool: 'pg-lifeguard test',
    startedAt: STARTED_AT,
    pid: 100,
    ppid: 1,
    thread: 0,
    node: 'v20.20.2',
    platform: 'linux',
    cwd: '/app',
    script: 'app.js',
  };
  #checkout: CheckoutLine | null = null;

  read(line: string): void {
    const [word = ''] = line.split(' ', 1);
    const rest = line.slice(word.length + 1);
    if (/^\d/.test(word)) this.#readPart(word, rest);
    else if (word === 'process') this.#readProcess(rest);
    else if (word === 'pool') this.#readPool(rest);
    else if (word === 'connection') this.#readConnection(rest);
    else if (word === 'checkout') this.#readCheckout(rest);
    else this.#readOther(word, rest);
  }

  finish(): TraceLine[] {
    this.#flush();
    return [this.#header, ...this.#lines];
  }

  #readProcess(text: string): void {
    const options = optionsOf(text);
    this.#header.pid = Number(text.split(' ', 1)[0]);
    this.#header.thread = Number(options.get('thread') ?? 0);
    this.#header.cwd = options.get('cwd') ?? this.#header.cwd;
    this.#header.script = options.get('script') ?? this.#header.script;
    this.#header.startedAt = STARTED_AT + Number(options.get('started') ?? 0);
  }

  #readPool(text: string): void {
    const options = optionsOf(text);
    const stack = this.#stackAfter(text, ' at ');
    const acquireTimeoutMs = Number(options.get('timeout') ?? 0);
    this.#lines.push({ type: 'pool', id: parseInt(text, 10), t: 0, kind: 'pg-pool', version: '3.11.0', max: Number(options.get('max') ?? 10), acquireTimeoutMs, stack });
  }

  #readConnection(text: string): void {
    const options = optionsOf(text);
    for (const state of ['connecting', 'connected', 'failed', 'closed'] satisfies ConnectionState[]) {
      const t = options.get(state);
      if (t !== undefined) this.#lines.push({ type: 'connection', id: parseInt(text, 10), t: Number(t), pool: Number(options.get('pool') ?? 1), state, ...(text.includes('pipelined') ? { pipelined: true } : {}) });
    }
  }

  #readCheckout(text: string): void {
    this.#flush();
    const pending = / pending\b/.test(text);
    const options = optionsOf((text.split(' at ', 1)[0] ?? '').replace(' pending', ''));
    const number = (name: string): number | undefined => (options.has(name) ? Number(options.get(name)) : undefined);
    const id = parseInt(text, 10);
    const line: CheckoutLine = { type: 'checkout', id, t: number('from') ?? 0, pool: number('pool') ?? 1, via: (options.get('via') ?? 'connect') as CheckoutLine['via'] };
    const stack = this.#stackAfter(text, ' at ');
    if (stack !== 0) line.stack = stack;
    const inside = number('inside');
    if (inside !== undefined) line.inside = inside;
    const outcome = (['timeout', 'failed', 'destroyed'] satisfies CheckoutOutcome[]).find((name) => options.has(name));
    if (outcome === 'timeout' || outcome === 'failed') {
      line.waitMs = number(outcome) ?? 0;
      line.outcome = outcome;
    } else if (!pending) {
      line.connection = number('connection') ?? id;
      line.waitMs = number('wait') ?? 0;
      const useMs = number('use') ?? number('destroyed');
      if (useMs !== undefined) Object.assign(line, { useMs, outcome: outcome ?? 'released' });
    }
    const error = options.get('error');
    if (error !== undefined) line.error = error;
    this.#checkout = line;
  }

  #readPart(range: string, text: string): void {
    const checkout = this.#checkout;
    if (checkout === null) throw new Error(`no checkout before: ${range} ${text}`);
    const [from = '', until = ''] = range.split('..', 2);
    const t = Number(from);
    const ms = round(Number(until) - t);
    const [word = ''] = text.split(' ', 1);
    const rest = text.slice(word.length + 1);
    if (word === 'sql') (checkout.q ??= []).push(this.#query(rest, t, ms));
    else if (word === 'running') checkout.running = [this.#statementId(rest), t, 0];
    else if (word === 'wait') this.#gapFor(checkout, t, ms).waits.push(this.#wait(rest, t, ms));
    else if (word === 'gap') {
      Object.assign(this.#gapFor(checkout, t, ms), { t, ms, ended: this.#stackAfter(` ${rest}`, ' ended ') });
      for (const flag of ['open', 'unwatched']) if (rest.includes(flag)) Object.assign(this.#gapFor(checkout, t, ms), { [flag]: true });
    }
    else throw new Error(`not known: ${range} ${text}`);
  }

  /** The gap that holds this time, or a new one. Its edges follow from the statements when they are all known. */
  #gapFor(checkout: CheckoutLine, t: number, ms: number): RawGap {
    const gaps = (checkout.gaps ??= []);
    const known = gaps.find((gap) => t >= gap.t && t + ms <= gap.t + gap.ms + 0.001);
    if (known !== undefined) return known;
    const gap: RawGap = { t, ms, waits: [] };
    gaps.push(gap);
    return gap;
  }

  #query(text: string, t: number, ms: number): RawQuery {
    const [, sql = '', status = 'I', error = '', queuedMs = '0', frames = ''] = /^(.*?)(?: -> ([ITE]))?(?: !(\S+))?(?: queued (\S+))?(?: at (\S+@.*))?$/.exec(text) ?? [];
    return [this.#statementId(sql), t, ms, status as TransactionStatus, error, Number(queuedMs), this.#stackId(frames)];
  }

  #wait(text: string, t: number, ms: number): RawWait {
    const [, kind = '', detail = ''] = /^(\S+)(?: "([^"]*)")?/.exec(text) ?? [];
    const wait: RawWait = { t, ms, kind: kind as WaitKind, detail };
    const started = this.#stackAfter(text, ' started ');
    const awaited = this.#stackAfter(text, ' awaited ');
    if (started !== 0) wait.started = started;
    if (awaited !== 0) wait.awaited = awaited;
    if (/ foreign\b/.test(text)) wait.foreign = true;
    return wait;
  }

  #readOther(word: string, text: string): void {
    this.#flush();
    const options = optionsOf(text);
    const [from = '', until = ''] = (text.split(' ', 1)[0] ?? '').split('..', 2);
    if (word === 'blocked' || word === 'open') {
      const stack = this.#stackAfter(text, ' at ');
      this.#lines.push({ type: 'blocked', t: Number(from), ms: round(Number(until) - Number(from)), ...(stack === 0 ? {} : { stack }), ...(word === 'open' ? { open: true } : {}) });
    } else if (word === 'lost') this.#lines.push({ type: 'lost', t: 0, events: Number(from) });
    else if (word === 'alive') this.#lines.push({ type: 'alive', t: Number(from) });
    else if (word === 'end') this.#lines.push({ type: 'end', t: Number(options.get('at') ?? 0), exitCode: Number(from) });
    else if (word === 'problem') {
      const [where = '', message = ''] = text.split(': ', 2);
      this.#lines.push({ type: 'problem', t: 0, where, message });
    } else throw new Error(`not known: ${word} ${text}`);
  }

  #flush(): void {
    if (this.#checkout !== null) this.#lines.push(this.#checkout);
    this.#checkout = null;
  }

  #statementId(text: string): number {
    let id = this.#statements.get(text);
    if (id === undefined) {
      id = this.#statements.size + 1;
      this.#statements.set(text, id);
      this.#lines.push({ type: 'statement', id, text });
    }
    return id;
  }

  #stackAfter(text: string, word: string): number {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    return this.#stackId(text.slice(at + word.length).replace(/ (?:started|awaited|foreign|open|unwatched)\b.*$/, ''));
  }

  #stackId(text: string): number {
    if (text === '') return 0;
    let id = this.#stacks.get(text);
    if (id === undefined) {
      id = this.#stacks.size + 1;
      this.#stacks.set(text, id);
      this.#lines.push({ type: 'stack', id, frames: text.split(' < ').map(frameOf) });
    }
    return id;
  }
}

/** `async f@/app/a.js:10:3`; the column is 1 when it is left out. */
function frameOf(text: string): RawFrame {
  const match = /^(.*?)@(.*?):(\d+)(?::(\d+))?$/.exec(text.trim());
  if (match === null) throw new Error(`no frame: ${text}`);
  const [, name = '', file = '', line = '', column = '1'] = match;
  return [name, file, Number(line), Number(column)];
}

/** `name value` pairs. */
function optionsOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(/([a-z]+) ([^\s]+)/g)].map(([, name = '', value = '']) => [name, value]));
}

function round(ms: number): number {
  return Number(ms.toFixed(3));
}
