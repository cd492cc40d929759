import type { Thrown } from "./_serve_worker.ts";

const CLASSES: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Makes the error that was thrown in a worker again: its stack is that of the worker. */
export function reviveThrown({ error, value }: Thrown): unknown {
  if (!error) return value;
  const { name, message, stack, cause, facts } = error;
  const Class = (Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined) ?? Error;
  const revived = new Class(message, cause && { cause: reviveThrown(cause) });
  const define = (key: string, value: unknown) =>
    Object.defineProperty(revived, key, { value, writable: true, configurable: true });
  if (revived.name !== name) define("name", name);
  if (stack !== undefined) define("stack", stack);
  return Object.assign(revived, facts);
}
