/**
 * Parameters that are treated in another way.
 *
 * @module
 */

import { setField } from "./_pieces.ts";
import { checkSetting } from "./_settings.ts";
import type { Group, Optimizer } from "./optimizer.ts";

export type { Group, Optimizer, OptimizerState } from "./optimizer.ts";

/**
 * Treats parameters in another way than the others, by their names. Of several groups with a parameter the first counts.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { adamw, byName, listTrained } from "@rill/rill/models";
 *
 * const optimizer = pipe(
 *   adamw({ learningRate: 1e-3 }),
 *   byName([
 *     { names: ["conv1.*"], frozen: true },
 *     { names: ["*.bias"], weightDecay: 0 },
 *     { names: ["fc.*"], learningRate: 10 },
 *   ]),
 * );
 * assertEquals(listTrained(optimizer, ["conv1.bias", "fc.weight", "fc.bias"]), ["fc.weight", "fc.bias"]);
 * ```
 *
 * @param groups The groups. In their names `*` stands for any characters.
 * @returns A function that sets an optimizer's `groups`. It throws a `RangeError` if they are set already.
 * @throws {RangeError} If a setting is out of range, or a group has no names.
 */
export function byName(groups: readonly Group[]): (optimizer: Optimizer) => Optimizer {
  for (const { names, learningRate = 1, weightDecay = 0 } of groups) {
    if (names.length === 0) {
      throw new RangeError("Cannot treat parameters by name with a group of no names");
    }
    const what = `the group ${names.join(", ")}`;
    checkSetting(what, "learningRate", learningRate, 0, Infinity);
    checkSetting(what, "weightDecay", weightDecay, 0, Infinity);
  }
  return (optimizer) => setField(optimizer, "groups", groups);
}

/**
 * Leaves parameters as they are, by their names. Their gradients aren't computed, and nothing is kept for them. Buffers aren't
 * parameters: batch normalization goes on taking its statistics of the batch and moves its running ones, unless the layer is
 * `inUse`.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { frozen, listTrained, sgd } from "@rill/rill/models";
 *
 * const optimizer = pipe(sgd(), frozen("conv*"));
 * assertEquals(listTrained(optimizer, ["conv1.weight", "conv2.weight", "fc.weight"]), ["fc.weight"]);
 * ```
 *
 * @param names Patterns of names, in which `*` stands for any characters.
 * @returns A function that sets an optimizer's `frozen`. It throws a `RangeError` if that is set already.
 * @throws {RangeError} If there are no names.
 */
export function frozen(...names: readonly string[]): (optimizer: Optimizer) => Optimizer {
  if (names.length === 0) throw new RangeError("Cannot freeze parameters without names");
  return (optimizer) => setField(optimizer, "frozen", names);
}
