/**
 * A network as a table.
 *
 * @module
 */

import { formatTable } from "./_format_table.ts";
import type { Network } from "./layers/network.ts";
import { countElements, formatShape } from "./types/_shape.ts";

export type { LayerNode, Network } from "./layers/network.ts";

/**
 * Formats a network as a table for people: its layers with their settings, output shapes and parameters, and the totals for one
 * example. Memory is that of numbers in single precision; a multiply-add is two floating-point operations (FLOPs).
 *
 * @example Usage
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * const model = rill.sequential([rill.flatten(), rill.linear(10)]);
 * const table = rill.summaryTable(rill.getOrThrow(rill.build(model, [28, 28, 1])));
 * assertStringIncludes(table, "parameters:         7,850 (0.0 MiB)");
 * ```
 *
 * @param network The network.
 * @returns The lines of the table and of the totals, without a line break at the end. Programs have the same as
 * `network.layers`.
 */
export function summaryTable({ inputShape, layers }: Network): string {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const parameters = sum(layers.map((layer) => layer.parameters));
  const buffers = sum(layers.map((layer) => layer.buffers));
  const flops = sum(layers.map((layer) => layer.flops));
  const activations = sum(
    [inputShape, ...layers.map((layer) => layer.outputShape)].map(countElements),
  );
  const formatCount = (value: number) => value.toLocaleString("en-US");
  const formatMemory = (count: number, digits: number) =>
    `${(count * 4 / 2 ** 20).toFixed(digits)} MiB`;
  return [
    ...formatTable([
      ["name", "layer", "output", "parameters"],
      ...layers
        .filter(({ layer }) => layer !== "Input()")
        .map(({ name, layer, outputShape, parameters }) => [
          name,
          layer,
          formatShape(outputShape),
          parameters,
        ]),
    ]),
    "",
    `parameters:         ${formatCount(parameters)} (${formatMemory(parameters, 1)})`,
    ...buffers > 0
      ? [`buffers:            ${formatCount(buffers)} (${formatMemory(buffers, 1)})`]
      : [],
    `forward FLOPs:      ${(flops / 1e9).toFixed(3)} G an example (a multiply-add is two)`,
    `activation memory:  ${formatMemory(activations, 2)} an example, all outputs kept`,
  ].join("\n");
}
