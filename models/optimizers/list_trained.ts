/**
 * Which parameters an optimizer trains.
 *
 * @module
 */

import { listFirst, matchesPattern } from "../types/_names.ts";
import { getTreatment } from "./_names.ts";
import type { Optimizer } from "./optimizer.ts";

export type { Optimizer, OptimizerState } from "./optimizer.ts";

/**
 * Lists the parameters of a network that an optimizer trains: all but frozen ones.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { adam, frozen, listTrained } from "@rill/rill/models";
 *
 * const names = ["conv.weight", "conv.bias", "fc.weight", "fc.bias"];
 * assertEquals(listTrained(adam(), names), names);
 * assertEquals(listTrained(pipe(adam(), frozen("conv.*")), names), ["fc.weight", "fc.bias"]);
 * ```
 *
 * @param optimizer The optimizer.
 * @param names The names of all parameters.
 * @returns The names of those that are trained, in the same order.
 * @throws {RangeError} If patterns of the optimizer fit no name, which would be a slip, or all parameters are frozen.
 */
export function listTrained(optimizer: Optimizer, names: readonly string[]): string[] {
  const { groups, frozen = [] } = optimizer;
  for (
    const patterns of [
      ...frozen.map((pattern) => [pattern]),
      ...groups.map(({ names }) => names),
    ]
  ) {
    if (patterns.some((pattern) => names.some((name) => matchesPattern(pattern, name)))) continue;
    throw new RangeError(
      `Cannot treat parameters named ${patterns.join(" or ")} in another way: there are ${
        listFirst(names) || "none"
      }`,
    );
  }
  const trained = names.filter((name) => getTreatment(optimizer, name).trained);
  if (trained.length > 0 || names.length === 0) return trained;
  throw new RangeError(`Cannot train as all parameters are frozen: ${listFirst(names)}`);
}
