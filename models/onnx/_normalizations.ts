// Layers that normalize.
import type { LayerNode } from "../layers/network.ts";
import { isImageShape } from "../types/_shape.ts";
import { permute } from "../weights/_permute.ts";
import {
  type Encoding,
  getBoolean,
  getNumber,
  type LayerEncoder,
  listChannelsFirst,
  listChannelsLast,
} from "./_layer_encoder.ts";

/** Encodes batch normalization by its running statistics. */
export const encodeBatchNorm: LayerEncoder = (node, x, { graph, addTensor }) => {
  const channels = node.inputShape.at(-1) ?? 1;
  const fill = (own: string, number: number) =>
    graph.addFloats(`${node.name}.${own}`, [channels], Array(channels).fill(number));
  const affine = getBoolean(node, "affine")
    ? [addTensor(node, "weight"), addTensor(node, "bias")]
    : [fill("weight", 1), fill("bias", 0)];
  return graph.add(node.name, {
    type: "BatchNormalization",
    inputs: [x, ...affine, addTensor(node, "running_mean"), addTensor(node, "running_var")],
    attributes: { epsilon: { float: getNumber(node, "epsilon") } },
  });
};

/** Encodes layer normalization of an example's last dimensions, the channels among them, for which they are put last. */
export const encodeLayerNorm: LayerEncoder = (node, x, encoding) => {
  const { graph } = encoding;
  const { name, inputShape } = node;
  const dimensions = getNumber(node, "dimensions");
  const isTurned = inputShape.length > 1;
  const turn = (x: string, perm: readonly number[]) =>
    isTurned ? graph.add(name, { type: "Transpose", inputs: [x], attributes: { perm } }) : x;
  const shape = inputShape.slice(-dimensions);
  const normalized = graph.add(name, {
    type: "LayerNormalization",
    inputs: [turn(x, listChannelsLast(inputShape)), ...listWeights(node, shape, encoding)],
    attributes: { axis: -dimensions, epsilon: { float: getNumber(node, "epsilon") } },
  });
  return turn(normalized, listChannelsFirst(inputShape));
};

/** Lists the names of a factor and a shift for each number, in the layout in memory. */
function listWeights(
  node: LayerNode,
  shape: readonly number[],
  { graph, getTensor, addTensor }: Encoding,
): string[] {
  if (!getBoolean(node, "affine")) {
    const ones = Array(shape.reduce((a, b) => a * b, 1)).fill(1);
    return [graph.addFloats(`${node.name}.weight`, shape, ones)];
  }
  return ["weight", "bias"].map((own) => {
    if (!isImageShape(shape)) return addTensor(node, own);
    const stored = getTensor(node, own);
    return graph.keep(
      node.name ? `${node.name}.${own}` : own,
      shape,
      permute(stored.data, stored.shape, [1, 2, 0]),
    );
  });
}

/** Encodes normalization by the squares of neighboring channels. */
export const encodeLocalResponseNorm: LayerEncoder = (node, x, { graph }) => {
  const { name, inputShape } = node;
  const [size, alpha, beta, k] = ["size", "alpha", "beta", "k"].map((setting) =>
    getNumber(node, setting)
  ) as [number, number, number, number];
  // Of an even number ONNX has one more of the channels after, PyTorch one more of those before.
  if (inputShape.length === 3 && size % 2 === 1) {
    return graph.add(name, {
      type: "LRN",
      inputs: [x],
      attributes: {
        size,
        alpha: { float: alpha },
        beta: { float: beta },
        bias: { float: k },
      },
    });
  }
  const add = (type: string, ...inputs: string[]) => graph.add(name, { type, inputs });
  const number = (setting: string, value: number) =>
    graph.addFloats(`${name}.${setting}`, [], [value]);
  const before = Math.floor(size / 2);
  const around = inputShape.slice(1).map(() => 0);
  const padding = [0, before, ...around, 0, size - 1 - before, ...around];
  const padded = add("Pad", add("Mul", x, x), graph.addIntegers(padding));
  const channels = inputShape.at(-1) ?? 1;
  const windows = Array.from({ length: size }, (_, from) =>
    add(
      "Slice",
      padded,
      ...[[from], [from + channels], [1]].map((integers) => graph.addIntegers(integers)),
    ));
  const mean = add("Mul", add("Sum", ...windows), number("scale", alpha / size));
  const base = add("Add", mean, number("k", k));
  return add("Mul", x, add("Pow", base, number("power", -beta)));
};
