/** Whether a value is to be awaited. Most are not, and an `await` costs as much as a cheap stage. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined | null)?.then === "function";
}

/** Goes on with a value: at once where it is there, later where it is promised. */
export function andThen<T, U>(value: T | PromiseLike<T>, fn: (value: T) => U): U | Promise<U> {
  return isPromise(value) ? Promise.resolve(value).then(fn) : fn(value);
}
