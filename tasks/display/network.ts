/**
 * Networks as tables.
 *
 * @module
 */

import type { Network } from "../../models/layers/network.ts";
import { summaryTable } from "../../models/summary_table.ts";
import { writeTable } from "./_table.ts";
import { type Display, makeDisplay } from "./display.ts";

export type { LayerNode, Network } from "../../models/layers/network.ts";
export type { Display } from "./display.ts";

/**
 * Displays a network as a table: its layers with their settings, the shapes of their outputs, their parameters, and how much each
 * computes for one example.
 *
 * @example Usage
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { build, getOrThrow, linear } from "@rill/rill/models";
 * import { displayNetwork, jupyterDisplay } from "@rill/rill/display";
 *
 * const network = getOrThrow(build(linear(10), [784]));
 * const formats = await displayNetwork(network)[jupyterDisplay]();
 * assertStringIncludes(formats["text/html"] ?? "", "7,850");
 * ```
 *
 * @param network The network.
 * @returns What a notebook shows.
 */
export function displayNetwork(network: Network): Display {
  const { inputShape, layers } = network;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const parameters = sum(layers.map((layer) => layer.parameters));
  const flops = sum(layers.map((layer) => layer.flops));
  return makeDisplay(() => ({
    "text/plain": summaryTable(network),
    "text/html": writeTable([
      ["name", "layer", "output", "parameters", "million FLOPs"],
      ["", "input", formatShape(inputShape), "", ""],
      ...layers.filter(({ layer }) => layer !== "Input()").map((layer) => [
        layer.name,
        layer.layer,
        formatShape(layer.outputShape),
        layer.parameters,
        Math.round(layer.flops / 1e5) / 10,
      ]),
    ], [
      `${parameters.toLocaleString("en-US")} parameters, ${
        (flops / 1e9).toFixed(3)
      } billion FLOPs for one example ` +
      "(a multiply-add is two)",
    ]),
  }));
}

const formatShape = (shape: readonly number[]): string => shape.join(" × ");
