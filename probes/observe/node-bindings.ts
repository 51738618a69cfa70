/** Node's own calls, which its modules are made of and which no program uses. */

type Bindings = (this: NodeJS.Process, name: string) => object;

/** Those of one kind; null where node keeps them to itself. Node warns whoever asks for some of them: not of us. */
export function readBinding(name: string): object | null {
  const { binding } = process as unknown as { binding?: Bindings };
  const own = Object.getOwnPropertyDescriptor(process, 'noDeprecation');
  try {
    Object.defineProperty(process, 'noDeprecation', { value: true, configurable: true, writable: true });
    return binding?.call(process, name) ?? null;
  } catch {
    return null;
  } finally {
    if (own === undefined) Reflect.deleteProperty(process, 'noDeprecation');
    else Object.defineProperty(process, 'noDeprecation', own);
  }
}
