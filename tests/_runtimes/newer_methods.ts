// What the tests and their assertions use of JavaScript that isn't everywhere yet. `tests/house_test.ts` holds that the library
// uses none of it.
import "../consumer/stream_from.ts";

// Node 20 has none.
Set.prototype.symmetricDifference ??= function <T, U>(this: Set<T>, other: ReadonlySetLike<U>) {
  const difference = new Set<T | U>(this);
  const keys = other.keys();
  for (let next = keys.next(); !next.done; next = keys.next()) {
    if (this.has(next.value as unknown as T)) difference.delete(next.value);
    else difference.add(next.value);
  }
  return difference;
};
