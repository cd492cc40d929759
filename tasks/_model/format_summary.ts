import type { Network } from "../../models/mod.ts";
import { formatTable } from "../_text/format.ts";

/** Formats a network as a table: its layers, their output shapes and parameters, and the totals for one example. */
export function formatSummary({ inputShape, layers }: Network, title: string): string {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const countElements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const parameters = sum(layers.map((layer) => layer.parameters));
  const flops = sum(layers.map((layer) => layer.flops));
  const activations = sum(
    [inputShape, ...layers.map((layer) => layer.outputShape)].map(countElements),
  );
  const formatCount = (value: number) => value.toLocaleString("en-US");
  return [
    `${title} for images of ${inputShape.join(" x ")}`,
    "",
    ...formatTable([
      ["name", "layer", "output", "parameters"],
      ...layers
        .filter(({ layer }) => layer !== "Input()")
        .map(({ name, layer, outputShape, parameters }) => [
          name,
          layer,
          outputShape.join(" x "),
          parameters,
        ]),
    ]),
    "",
    `parameters:         ${formatCount(parameters)} (${(parameters * 4 / 2 ** 20).toFixed(1)} MiB)`,
    `forward FLOPs:      ${(flops / 1e9).toFixed(3)} G an image (a multiply-add is two)`,
    `activation memory:  ${(activations * 4 / 2 ** 20).toFixed(2)} MiB an image, all outputs kept`,
  ].join("\n");
}
