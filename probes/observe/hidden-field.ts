/**
 * A value kept on somebody else's object without a trace of it there: a private field, added through a constructor that
 * returns the object. No symbol or property that the program could see, no WeakMap (which costs several times as much, on
 * every promise, and burdens the garbage collector).
 */

/** The base of a class whose private fields are to be put on its constructor's argument. */
export const Adopt = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

export interface HiddenField<Value> {
  get(object: object): Value | undefined;
  set(object: object, value: Value): void;
}

/** Makes a hidden field; those that are asked for all the time are in hot-fields.ts. */
export function createHiddenField<Value>(): HiddenField<Value> {
  class Field extends Adopt {
    #value: Value;

    constructor(object: object, value: Value) {
      super(object);
      this.#value = value;
    }

    static get(object: object): Value | undefined {
      return #value in object ? object.#value : undefined;
    }

    static set(object: object, value: Value): void {
      if (#value in object) object.#value = value;
      // oxlint-disable-next-line eslint/no-new -- the constructor's effect on its argument is all that is wanted
      else new Field(object, value);
    }
  }
  return Field;
}
