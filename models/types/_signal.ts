/**
 * Refuses a signal that is none, before anything waits for it: what has come of `new AbortController()`, or an options object, is
 * taken for one easily.
 *
 * @param action The action that was asked for.
 * @throws {TypeError} As `Cannot train with a signal that is an object: it must be an AbortSignal`.
 */
export function checkSignal(action: string, signal: unknown): void {
  if (signal === undefined) return;
  const { aborted, addEventListener, throwIfAborted } = Object(signal) as Partial<AbortSignal>;
  const isSignal = typeof aborted === "boolean" && typeof addEventListener === "function" &&
    typeof throwIfAborted === "function";
  if (isSignal) return;
  const kind = signal === null
    ? "null"
    : typeof signal === "object"
    ? "an object"
    : `a ${typeof signal}`;
  throw new TypeError(
    `Cannot ${action} with a signal that is ${kind}: it must be an AbortSignal, such as that of an AbortController`,
  );
}
