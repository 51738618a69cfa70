/**
 * Call stacks: captured cheaply (V8 keeps code positions and works out names and lines only when asked), within a budget,
 * and turned into frames only when a trace line needs them.
 */
import { findSourceMap } from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Recorder } from '../recorder/recorder.js';
import type { RawFrame } from '../trace/events.js';
import { nameOfFile } from './file-name.js';

const { performance } = globalThis;

/** How often something was looked at, to decide whether to look again. */
export interface Sampled {
  seen: number;
}

/** A captured stack that nobody has read yet. */
export interface Captured {
  stack?: unknown;
  /** Where what ran then was awaited: the application's part of a stack that has none of it. */
  around?: Captured[];
  /** What the function that was entered here returned ran as a job of its own. */
  returns?: true;
  /** The function that was only entered: the innermost frame, which is not among the frames. */
  entry?: RawFrame;
  /** Its id in the trace, once it has been asked for; 0 when it holds no frame outside node. */
  id?: number;
  /** Likewise. */
  frames?: RawFrame[];
  /** Set with its id: node itself did what this is the stack of, rather than whoever called it. To set a timer for its caller is no such thing. */
  byNode?: true;
  /** Whether a frame of it lies in the application rather than in a package: itself running, or only awaiting what runs. */
  application?: 'running' | 'awaiting' | 'absent';
}

/** Deep enough to get through an ORM or a web framework to the application. */
const DEPTH = 40;
/** Frames to keep. */
const MOST_FRAMES = 24;
/**
 * Share of the program's time that capturing may take, and how much of it may be saved up in quiet times: at a hundred
 * transactions a second every stack is captured, at ten thousand a sample.
 */
const SHARE = 0.004;
const MOST_SAVED_MS = 12;
/** Once, for the beginning: code runs cold then, all places are new, and short programs are nothing but beginning. */
const AT_START_MS = 25;
/** What took longer was interrupted: on a busy machine the thread waited for its CPU, and that is not our doing. */
const MOST_SPENT_MS = 0.2;
/**
 * When less than this is saved up, what has been seen often is captured only one time in so many, and when less than that,
 * not at all: a program that rests between two bursts must not spend in each of them what it saved up, on what it knows.
 */
const SCARCE_MS = MOST_SAVED_MS - 0.4;
const RESERVED_MS = MOST_SAVED_MS - 0.8;
const OFTEN = 32;
const ONE_IN = 64;
/** For what has not been seen often, so much may be spent in advance. */
const MOST_DEBT_MS = 12;

const OWN_FOLDER = new URL('../', import.meta.url).href;
const DRIVER = /[\\/]node_modules[\\/](?:pg|pg-pool|pg-protocol|pg-cursor|pg-query-stream|pg-native|pg-connection-string|pgpass)[\\/]/;
const PACKAGE = /[\\/]node_modules[\\/]/;

type ErrorClass = { stackTraceLimit?: number; prepareStackTrace?: unknown };
type Hook = (error: Error, sites: NodeJS.CallSite[]) => unknown;
type Place = [file: string, line: number, column: number];

/** Between stacks of which the first with the application in it is meant; a frame without a place is none to readers that do not know it. */
const OR_ELSE: RawFrame = ['', '', 0, 0];
const MOST_CHOICES = 4;
/** Distinct stacks, each kept by the writer thread too: a program that makes up its code as it runs has no end of them. */
const MOST_STACKS = 10_000;

export class Stacks {
  readonly #recorder: Recorder;
  readonly #ids = new Map<string, number>();
  #savedMs = AT_START_MS;
  /** Files in which the driver and the application are one. */
  readonly #bundles = new Set<string>();
  /** How many had libraries in them, and nothing of the application: they ran in a job of their own. */
  detached = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Whether it is worth its cost to capture the stacks of this occurrence of something. */
  decide(sampled: Sampled): boolean {
    const seen = sampled.seen++;
    return this.#savedMs > SCARCE_MS || seen < OFTEN || (this.#savedMs > RESERVED_MS && seen % ONE_IN === 0);
  }

  /** The current stack; null when the budget is used up. */
  capture(): Captured | null {
    if (this.#savedMs <= -MOST_DEBT_MS) return null;
    const start = performance.now();
    const captured: Captured = {};
    const errors = Error as ErrorClass;
    const limit = errors.stackTraceLimit;
    try {
      errors.stackTraceLimit = DEPTH;
      Error.captureStackTrace(captured);
    } finally {
      errors.stackTraceLimit = limit as number;
    }
    this.#spend(start);
    return captured;
  }

  /** Time has passed: some of it may be spent. */
  refill(elapsedMs: number): void {
    if (this.#savedMs < MOST_SAVED_MS) this.#savedMs = Math.min(MOST_SAVED_MS, this.#savedMs + elapsedMs * SHARE);
  }

  /** The stack's id in the trace, defining it there when it is new; 0 for none. */
  idOf(captured: Captured | null): number {
    if (captured === null) return 0;
    if (captured.id === undefined) {
      const start = performance.now();
      this.#resolve(captured);
      // Reading is dearer than capturing, and happens only for what will be in the report.
      this.#spend(start);
    }
    return captured.id!;
  }

  /**
   * Takes note where the driver's own code lies, of a stack from inside it: anywhere but in its package, it is in a bundle,
   * in which nobody but the one who reads its map can tell the application from its libraries.
   */
  learnBundle(captured: Captured): void {
    const site = sitesOf(captured).find((site) => fileOf(site) !== '' && !isOurs(fileOf(site)));
    if (site !== undefined && !PACKAGE.test(fileOf(site))) this.#bundles.add(fileOf(site));
  }

  /** The first of these stacks with the application in it; of a bundle all of them, for the reader to choose. */
  inApplication(captured: readonly Captured[]): Captured | null {
    const first = captured.find((one) => this.applicationIn(one) !== 'absent') ?? null;
    if (first === null || captured.length === 1 || !this.#isBundled(first)) return first;
    const frames: RawFrame[] = [];
    for (const one of captured.slice(0, MOST_CHOICES)) {
      if (this.idOf(one) !== 0) frames.push(...(frames.length === 0 ? [] : [OR_ELSE]), ...(one.frames ?? []));
    }
    const choice: Captured = { application: 'running' };
    this.#define(choice, frames);
    return choice;
  }

  #isBundled({ frames }: Captured): boolean {
    return this.#bundles.size > 0 && frames !== undefined && frames.some(([, file]) => this.#bundles.has(file));
  }

  /** What the application has to do with a stack. */
  applicationIn(captured: Captured): 'running' | 'awaiting' | 'absent' {
    this.idOf(captured);
    return captured.application ?? 'absent';
  }

  #spend(start: number): void {
    this.#savedMs -= Math.min(performance.now() - start, MOST_SPENT_MS);
  }

  #resolve(captured: Captured): void {
    const frames = readFrames(captured);
    delete captured.stack;
    const { around } = captured;
    captured.application = applicationOf(frames);
    if (captured.application === 'absent' && frames.length > 0) this.detached++;
    if (captured.application === 'absent' && captured.around !== undefined) {
      const around = captured.around.find((one) => this.applicationIn(one) !== 'absent') ?? captured.around[0];
      frames.push(...this.#returning(captured.around, around), ...(around?.frames ?? []).slice(0, MOST_FRAMES).map(asAwaiting));
      captured.application = applicationOf(frames);
    }
    // From node 26 on, V8 says itself who awaits a function whose result is a job of its own, but not which function that is.
    else if (captured.application === 'awaiting' && around !== undefined) {
      const at = frames.findIndex(([, file]) => !PACKAGE.test(file));
      frames.splice(at, 0, ...this.#returning(around, { frames }));
    }
    delete captured.around;
    captured.frames = frames;
    if (around !== undefined && this.#isBundled(captured) && !frames.some(([name]) => name.startsWith('async '))) {
      const outer = around.find((one) => this.idOf(one) !== 0);
      if (outer !== undefined) frames.push(OR_ELSE, ...this.#returning(around, outer), ...(outer.frames ?? []).slice(0, MOST_FRAMES).map(asAwaiting));
    }
    this.#define(captured, frames);
  }

  /** The function whose return value is what runs, at its beginning: nobody knows its line any more. It was called where `around` was awaited. */
  #returning(all: readonly Captured[], around: Captured | undefined): RawFrame[] {
    const caller = around?.frames?.find(([, file]) => !PACKAGE.test(file));
    const returned = all.find((one) => one.returns === true && this.idOf(one) !== 0 && one.entry !== undefined && isPlace(one.frames?.[0], caller));
    if (returned?.entry === undefined || PACKAGE.test(returned.entry[1])) return [];
    const [name, ...place] = returned.entry;
    return [[`return ${name.replace(/^async /, '')}`, ...place]];
  }

  #define(captured: Captured, frames: RawFrame[]): void {
    captured.frames = frames;
    if (frames.length === 0) {
      captured.id = 0;
      return;
    }
    const key = JSON.stringify(frames);
    const known = this.#ids.get(key);
    const isNew = known === undefined && this.#ids.size < MOST_STACKS;
    captured.id = isNew ? this.#ids.size + 1 : (known ?? 0);
    if (isNew) {
      this.#ids.set(key, captured.id);
      this.#recorder.line({ type: 'stack', id: captured.id, frames });
    }
  }
}

function applicationOf(frames: readonly RawFrame[]): 'running' | 'awaiting' | 'absent' {
  const own = frames.filter(([, file]) => !PACKAGE.test(file));
  return own.length === 0 ? 'absent' : own.some(([name]) => !/^(?:async|return) /.test(name)) ? 'running' : 'awaiting';
}

function isPlace(frame: RawFrame | undefined, other: RawFrame | undefined): boolean {
  return frame !== undefined && other !== undefined && frame[1] === other[1] && frame[2] === other[2];
}

function asAwaiting([name, ...place]: RawFrame): RawFrame {
  return [name.startsWith('async ') ? name : `async ${name}`, ...place];
}

/** The frames outside node and the driver, the innermost first. */
function readFrames(captured: Captured): RawFrame[] {
  const own = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  const sites = sitesOf(captured);
  return sites.length === 0 ? [] : toFrames(sites, mapperIn(own?.value), captured);
}

/** Leaves the program's `prepareStackTrace` as it found it. */
function sitesOf(captured: Captured): NodeJS.CallSite[] {
  const errors = Error as ErrorClass;
  const own = Object.getOwnPropertyDescriptor(errors, 'prepareStackTrace');
  try {
    errors.prepareStackTrace = (_: unknown, sites: NodeJS.CallSite[]) => sites;
    const sites = captured.stack;
    return Array.isArray(sites) ? (sites as NodeJS.CallSite[]) : [];
  } finally {
    if (own === undefined) delete errors.prepareStackTrace;
    else Object.defineProperty(errors, 'prepareStackTrace', own);
  }
}

function fileOf(site: NodeJS.CallSite): string {
  return site.getFileName() ?? site.getScriptNameOrSourceURL?.() ?? '';
}

/** What a file is, which is asked for every frame; and its URL, as node parses it anew each time that it gets a path. */
interface FileKind {
  readonly isMachinery: boolean;
  readonly isPackage: boolean;
  readonly url: string;
}

const fileKinds = new Map<string, FileKind>();
/** A program that makes up names for its code has no end of them. */
const MOST_FILES = 2000;

function kindOf(file: string): FileKind {
  let kind = fileKinds.get(file);
  if (kind === undefined) {
    kind = { isMachinery: isMachinery(file), isPackage: PACKAGE.test(file), url: isAbsolute(file) ? pathToFileURL(file).href : file };
    if (fileKinds.size >= MOST_FILES) fileKinds.clear();
    fileKinds.set(file, kind);
  }
  return kind;
}

function toFrames(sites: NodeJS.CallSite[], hook: Hook | null, captured: Captured): RawFrame[] {
  const frames: RawFrame[] = [];
  let innermost: NodeJS.CallSite | null = null;
  for (const site of sites) {
    const file = fileOf(site);
    if (innermost === null && isNodesOwn(file)) captured.byNode = true;
    if (file === '' || kindOf(file).isMachinery) continue;
    innermost ??= site;
    frames.push(toFrame(site, file, hook));
    if (frames.length === MOST_FRAMES) break;
  }
  // Nothing of it has run yet: what was awaited is the call.
  if (innermost !== null && frames.length > 1 && isEntry(innermost)) {
    const entry = frames.shift();
    if (entry !== undefined) captured.entry = entry;
  }
  return frames;
}

/**
 * Whether an async function was only entered: the promise of its result is made before its first line runs, at the bracket
 * before its parameters.
 */
export function isEntry(site: NodeJS.CallSite): boolean {
  // Node's types do not know them.
  const enclosing = site as NodeJS.CallSite & { getEnclosingLineNumber?(): number; getEnclosingColumnNumber?(): number };
  if (site.getLineNumber() !== enclosing.getEnclosingLineNumber?.()) return false;
  const column = enclosing.getEnclosingColumnNumber?.() ?? 0;
  const offset = (site.getColumnNumber() ?? 0) - column;
  const name = site.getFunctionName()?.split('.').pop()?.length ?? 0;
  // What a method calls first, in code without spaces, is as far from its start as a function's bracket: `async m(){await f()}`.
  const before = column > FAR && !site.isToplevel() ? METHODS : ENTRIES;
  return offset === 0 || (name > 0 && before.some((text) => offset === text.length + name));
}

const METHODS = ['async ', 'static async '];
const ENTRIES = [...METHODS, 'async function '];
/** No line that a person wrote has a method's beginning so far in it. */
const FAR = 300;

/** Whether a frame's file is node's, ours or the driver's. */
export function isMachinery(file: string): boolean {
  return isOurs(file) || DRIVER.test(file);
}

/** Where node sets a timer for its caller, and tells hooks of it. */
const TIMERS = /^node:(?:internal\/)?(?:timers|async_hooks)\b/;

function isNodesOwn(file: string): boolean {
  return file.startsWith('node:') && !TIMERS.test(file);
}

function isOurs(file: string): boolean {
  return file.startsWith('node:') || file.startsWith(OWN_FOLDER);
}

function toFrame(site: NodeJS.CallSite, file: string, hook: Hook | null): RawFrame {
  const line = site.getLineNumber() ?? 0;
  const column = site.getColumnNumber() ?? 0;
  const name = nameOf(site);
  // A package's own map leads to files that are not installed, and away from its name.
  const { isPackage, url } = kindOf(file);
  if (isPackage) return [name, nameOfFile(file), line, column];
  // Loaders such as tsx compile in memory and give node the map; nobody could find it afterwards.
  const entry = findSourceMap(url)?.findEntry(line - 1, column - 1);
  if (entry !== undefined && 'originalSource' in entry && entry.originalSource !== '') {
    return [name, nameOfFile(entry.originalSource), entry.originalLine + 1, entry.originalColumn + 1];
  }
  const place = hook === null ? null : askHook(hook, site);
  const [shown, ...position] = place ?? [file, line, column];
  return [name, nameOfFile(shown), ...position];
}

let lastHook: unknown;
let lastMapper: Hook | null = null;

/**
 * The program's hook if it is one that maps compiled places to their sources: that of source-map-support and its
 * descendants (ts-node, vitest, older jest), which have a helper in common, or jest's own, over which Babel may have put one
 * that asks it in turn. Any other may be meant to notice when it is called.
 */
function mapperIn(hook: unknown): Hook | null {
  if (hook !== lastHook) {
    lastHook = hook;
    lastMapper = typeof hook === 'function' && isMapper(hook) ? (hook as Hook) : null;
  }
  return lastMapper;
}

const MAPPER_NAMES: readonly unknown[] = ['bound formatStackTrace', 'stackTraceRewriter'];

function isMapper(hook: object): boolean {
  return MAPPER_NAMES.includes((hook as { name?: unknown }).name) || Function.prototype.toString.call(hook).includes('wrapCallSite');
}

const ASKED = new Error('where?');

/**
 * Test runners and compilers that keep their maps to themselves put them into the stack traces that they prepare: their
 * hook is asked for the trace of one frame, and the place is read from it.
 */
function askHook(hook: Hook, site: NodeJS.CallSite): Place | null {
  try {
    const text = hook(ASKED, [site]);
    const [, file, line, column] = (typeof text === 'string' && /(?:\bat |\()([^()\n]+):(\d+):(\d+)\)?\s*$/.exec(text)) || [];
    return file === undefined ? null : [file, Number(line), Number(column)];
  } catch {
    return null; // it may expect an error of its program's; the place as it was compiled is better than none
  }
}

function nameOf(site: NodeJS.CallSite): string {
  const method = site.getFunctionName() ?? '';
  const type = site.isToplevel() || site.isConstructor() ? '' : (site.getTypeName() ?? '');
  const name = type === '' || type === 'Object' || method === '' || method.startsWith(`${type}.`) ? method : `${type}.${method}`;
  return (site as NodeJS.CallSite & { isAsync?(): boolean }).isAsync?.() ? `async ${name}` : name;
}
