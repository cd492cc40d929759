// Layers that multiply by weights.
import type { LayerNode } from "../layers/network.ts";
import {
  type Encoding,
  getBoolean,
  getNumber,
  getNumbers,
  type LayerEncoder,
} from "./_layer_encoder.ts";

/** Encodes a convolution. Its weights at rest are laid out as ONNX has them. */
export const encodeConv2d: LayerEncoder = (node, x, { graph, addTensor }) => {
  const [top = 0, bottom = 0, left = 0, right = 0] = getNumbers(node, "padding", 4);
  return graph.add(node.name, {
    type: "Conv",
    inputs: [x, ...addWeights(node, addTensor)],
    attributes: {
      kernel_shape: getNumbers(node, "kernelSize", 2),
      strides: getNumbers(node, "strides", 2),
      pads: [top, left, bottom, right],
      dilations: getNumbers(node, "dilation", 2),
      group: getNumber(node, "groups"),
    },
  });
};

/** Encodes a linear layer. */
export const encodeLinear: LayerEncoder = (node, x, { graph, addTensor }) =>
  graph.add(node.name, {
    type: "Gemm",
    inputs: [x, ...addWeights(node, addTensor)],
    attributes: { transB: 1 },
  });

/** Adds a layer's weights, and its bias if it has one. */
const addWeights = (node: LayerNode, addTensor: Encoding["addTensor"]): string[] =>
  ["weight", ...getBoolean(node, "bias") ? ["bias"] : []].map((own) => addTensor(node, own));

/** Encodes what multiplies each channel by a number and adds another. */
export const encodeAffine: LayerEncoder = (node, x, { graph }) => {
  const channels = node.inputShape.at(-1) ?? 1;
  const shape = [1, channels, ...node.inputShape.slice(1).map(() => 1)];
  const add = (type: string, x: string, setting: string) =>
    graph.add(node.name, {
      type,
      inputs: [
        x,
        graph.addFloats(`${node.name}.${setting}`, shape, getNumbers(node, setting, channels)),
      ],
    });
  return add("Add", add("Mul", x, "scale"), "shift");
};
