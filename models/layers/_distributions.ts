// Which initializers draw from a distribution that is known: their numbers are then drawn where they are to lie in memory. That is
// a matter of speed, and in no public type.
import * as ops from "../ops/_ops.ts";
import type { Distribution } from "../random/_draw.ts";
import type { Key } from "../random/key.ts";
import { countElements } from "../types/_shape.ts";

/** What a distribution is chosen by. */
interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Chooses the distribution of a variable. */
export type ChooseDistribution = (fans: Fans) => Distribution;

const choices = new WeakMap<object, ChooseDistribution>();

/** Makes an initializer that draws from the distribution that a function chooses. */
export function initializeBy(
  choose: ChooseDistribution,
): (
  key: Key,
  drawn: Fans & { readonly shape: readonly number[] },
) => Float32Array<ArrayBuffer> {
  const initializer: ReturnType<typeof initializeBy> = (key, drawn) =>
    ops.drawArray(choose(drawn), key, countElements(drawn.shape));
  choices.set(initializer, choose);
  return initializer;
}

/** The distribution that is uniform within `±bound`. */
export const uniformWithin = (bound: number): Distribution => ({
  kind: "uniform",
  low: -bound,
  high: bound,
});

/** Finds the distribution that an initializer draws a variable from, where that is known. */
export function findDistribution(initializer: object, fans: Fans): Distribution | undefined {
  return choices.get(initializer)?.(fans);
}
