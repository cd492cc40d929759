/**
 * Results that may be errors: fp-ts's `Either` as a plain union, with functions that make and open one.
 *
 * @module
 */

/** A value that is either an error (`Left`) or a result (`Right`); fp-ts's `Either`, structurally. */
export type Either<E, A> =
  | { readonly _tag: "Left"; readonly left: E }
  | { readonly _tag: "Right"; readonly right: A };

/**
 * Makes the `Either` of an error.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { left } from "@rill/rill/models";
 *
 * assertEquals(left("too small"), { _tag: "Left", left: "too small" });
 * ```
 *
 * @param error The error.
 * @returns The error as a `Left`.
 */
export function left<E>(error: E): Either<E, never> {
  return { _tag: "Left", left: error };
}

/**
 * Makes the `Either` of a result.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { right } from "@rill/rill/models";
 *
 * assertEquals(right(7), { _tag: "Right", right: 7 });
 * ```
 *
 * @param result The result.
 * @returns The result as a `Right`.
 */
export function right<A>(result: A): Either<never, A> {
  return { _tag: "Right", right: result };
}

/**
 * Takes the result out of an `Either`, and throws where there is an error instead.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { alexnet, build, getOrThrow, ShapeError } from "@rill/rill/models";
 *
 * const network = getOrThrow(build(alexnet(), [224, 224, 1]));
 * assertEquals(network.outputShape, [10]);
 * assertThrows(() => getOrThrow(build(alexnet(), [64, 64, 1])), ShapeError);
 * ```
 *
 * @param either The error or the result.
 * @returns The result.
 * @throws {E} If there is an error.
 */
export function getOrThrow<E, A>(either: Either<E, A>): A {
  if (either._tag === "Left") throw either.left;
  return either.right;
}
