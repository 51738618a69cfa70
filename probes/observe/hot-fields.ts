/**
 * The hidden fields that are asked for with every statement or promise, each written out. All those that `createHiddenField`
 * makes are compiled as one, in which V8 sees objects of many shapes, and looks each of them up: that cost a `pool.query`
 * five hundredths.
 */
/* oxlint-disable eslint/no-new -- as in hidden-field.ts */
import type { Checkout, ConnectionState, PoolState } from './checkouts.js';
import { Adopt, type HiddenField } from './hidden-field.js';
import type { Operation } from './operation.js';

/** What is known of a promise. */
export const promiseField: HiddenField<Operation> = class Field extends Adopt {
  #value: Operation;

  constructor(object: object, value: Operation) {
    super(object);
    this.#value = value;
  }

  static get(object: object): Operation | undefined {
    return #value in object ? object.#value : undefined;
  }

  static set(object: object, value: Operation): void {
    if (#value in object) object.#value = value;
    else new Field(object, value);
  }
};

/** Of a resource of async_hooks. */
export const resourceField: HiddenField<Operation> = class Field extends Adopt {
  #value: Operation;

  constructor(object: object, value: Operation) {
    super(object);
    this.#value = value;
  }

  static get(object: object): Operation | undefined {
    return #value in object ? object.#value : undefined;
  }

  static set(object: object, value: Operation): void {
    if (#value in object) object.#value = value;
    else new Field(object, value);
  }
};

/** Of a pool of pg-pool. */
export const poolField: HiddenField<PoolState> = class Field extends Adopt {
  #value: PoolState;

  constructor(object: object, value: PoolState) {
    super(object);
    this.#value = value;
  }

  static get(object: object): PoolState | undefined {
    return #value in object ? object.#value : undefined;
  }

  static set(object: object, value: PoolState): void {
    if (#value in object) object.#value = value;
    else new Field(object, value);
  }
};

/** Of a request in its queue. */
export const itemField: HiddenField<Checkout> = class Field extends Adopt {
  #value: Checkout;

  constructor(object: object, value: Checkout) {
    super(object);
    this.#value = value;
  }

  static get(object: object): Checkout | undefined {
    return #value in object ? object.#value : undefined;
  }

  static set(object: object, value: Checkout): void {
    if (#value in object) object.#value = value;
    else new Field(object, value);
  }
};

/** Of a client of pg. */
export const clientField: HiddenField<ConnectionState> = class Field extends Adopt {
  #value: ConnectionState;

  constructor(object: object, value: ConnectionState) {
    super(object);
    this.#value = value;
  }

  static get(object: object): ConnectionState | undefined {
    return #value in object ? object.#value : undefined;
  }

  static set(object: object, value: ConnectionState): void {
    if (#value in object) object.#value = value;
    else new Field(object, value);
  }
};
