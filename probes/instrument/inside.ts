/**
 * What a function holds on to: the object that it was bound to, the variables around it. Some libraries keep their pool in
 * nothing else, whether they are loaded as CommonJS, as ESM or from a bundle. V8 tells it to a debugger, and any program may
 * be that to itself: nothing is enabled, paused or slowed by it. For once in the life of a pool: it takes a millisecond.
 */
import type { Session } from 'node:inspector';

interface RemoteObject {
  objectId?: string;
}

interface Properties {
  result: { name: string; value?: RemoteObject }[];
  internalProperties?: { name: string; value?: RemoteObject }[];
}

/** While it is being asked: what is asked about, and what was found. */
const KEY = 'pg-lifeguard.inside';
const TABLE = `globalThis[Symbol.for('${KEY}')]`;

/** What a bound function was bound to; undefined where that cannot be told. */
export function boundThis(bound: object): unknown {
  return inspect(bound, (ask, { internalProperties = [] }) => {
    const target = internalProperties.find(({ name }) => name === '[[BoundThis]]')?.value;
    return target?.objectId === undefined ? [] : [ask.keep(target.objectId)];
  })[0];
}

/** Those of the variables around a function that it, or a function beside it, makes use of; the innermost of each name. */
export function closureOf(closure: object, names: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  inspect(closure, (ask, { internalProperties = [] }) => {
    const scopes = internalProperties.find(({ name }) => name === '[[Scopes]]')?.value;
    for (const { value: scope } of ask.properties(scopes).result) {
      for (const { name, value } of ask.properties(scope).result) {
        if (!names.includes(name) || name in found || value === undefined) continue;
        found[name] = value.objectId === undefined ? (value as { value?: unknown }).value : ask.keep(value.objectId);
      }
    }
    return [];
  });
  return found;
}

interface Ask {
  properties(object: RemoteObject | undefined): Properties;
  /** The object itself. */
  keep(objectId: string): unknown;
}

function inspect(subject: object, look: (ask: Ask, properties: Properties) => unknown[]): unknown[] {
  // Not in node before 20.16, nor without an inspector, nor where permissions forbid it.
  const inspector = process.getBuiltinModule?.('node:inspector');
  if (inspector?.Session === undefined) return [];
  const session = new inspector.Session();
  session.connect();
  const table: { subject: object; found?: unknown } = { subject };
  Object.defineProperty(globalThis, Symbol.for(KEY), { value: table, configurable: true });
  try {
    const ask: Ask = {
      properties: (object) => (object?.objectId === undefined ? { result: [] } : (post(session, 'Runtime.getProperties', { objectId: object.objectId, ownProperties: true }) as Properties)),
      keep(objectId) {
        post(session, 'Runtime.callFunctionOn', { objectId, functionDeclaration: `function () { ${TABLE}.found = this; }` });
        return table.found;
      },
    };
    const { result } = post(session, 'Runtime.evaluate', { expression: `${TABLE}.subject` }) as { result: RemoteObject };
    return look(ask, ask.properties(result));
  } finally {
    Reflect.deleteProperty(globalThis, Symbol.for(KEY));
    session.disconnect();
  }
}

/** Answers come at once, as we ask our own thread. */
function post(session: Session, method: string, parameters: object): unknown {
  let answer: unknown;
  let failure: Error | null = null;
  session.post(method, parameters, (error, result) => {
    failure = error;
    answer = result;
  });
  if (failure !== null) throw failure as Error;
  return answer;
}
