// Layers that are made of others.
import { computeCropPlaces } from "../layers/_crop_places.ts";
import type { LayerNode } from "../layers/network.ts";
import {
  type Encoding,
  getNumber,
  getOnlyChild,
  type LayerEncoder,
  toChannelsFirst,
} from "./_layer_encoder.ts";
import { OnnxError } from "./onnx_error.ts";

/** Encodes what does nothing in use. */
export const encodeNothing: LayerEncoder = (_, x) => x;

/** Encodes layers one after the other. */
export const encodeSequential: LayerEncoder = ({ children }, x, { encode }) =>
  children.reduce((value, child) => encode(child, value), x);

/** Encodes a layer that is as in use in training, too. */
export const encodeInUse: LayerEncoder = (node, x, { encode }) => encode(getOnlyChild(node), x);

/** Encodes layers beside each other. */
export const encodeParallel: LayerEncoder = (node, x, { graph, encode }) => {
  const { combine } = node.kind?.attributes ?? {};
  if (combine !== "concatenate" && combine !== "add") {
    throw new OnnxError(node, `its layers' outputs are combined by a ${combine}`);
  }
  const inputs = node.children.map((child) => encode(child, x));
  return graph.add(
    node.name,
    combine === "add"
      ? { type: "Sum", inputs }
      : { type: "Concat", inputs, attributes: { axis: 1 } },
  );
};

/** Encodes layers with a shortcut around them. */
export const encodeResidual: LayerEncoder = (node, x, { graph, encode }) => {
  const [body, shortcut, ...others] = node.children;
  if (!body || others.length > 0) {
    throw new OnnxError(node, "its kind residual is made of one layer or two");
  }
  const main = encode(body, x);
  return graph.add(node.name, {
    type: "Add",
    inputs: [main, shortcut ? encode(shortcut, x) : x],
  });
};

/** Encodes what looks at an image and its mirror image. */
export const encodeAverageFlips: LayerEncoder = (node, x, encoding) =>
  averageViews(node, [x, flip(node, x, encoding)], encoding);

/** Encodes what looks at five parts of an image and of its mirror image. */
export const encodeAverageTenCrops: LayerEncoder = (node, x, encoding) => {
  const { graph } = encoding;
  const [height = 0, width = 0] = node.inputShape;
  const size = getNumber(node, "size");
  const crops = [x, flip(node, x, encoding)].flatMap((image) =>
    computeCropPlaces(height, width, size).map(([top, left]) => {
      const bounds = [[top, left], [top + size, left + size], [2, 3]];
      const inputs = [image, ...bounds.map((integers) => graph.addIntegers(integers))];
      return graph.add(node.name, { type: "Slice", inputs });
    })
  );
  return averageViews(node, crops, encoding);
};

/** The end of an axis that is gone along backwards. */
const BEFORE_FIRST = Number.MIN_SAFE_INTEGER;

/** Mirrors images, left to right. */
function flip({ name }: LayerNode, x: string, { graph }: Encoding): string {
  const [begin, end, axis, step] = [[-1], [BEFORE_FIRST], [3], [-1]].map((integers) =>
    graph.addIntegers(integers)
  ) as [string, string, string, string];
  return graph.add(name, { type: "Slice", inputs: [x, begin, end, axis, step] });
}

/** Computes the logarithm of the mean softmax of views, which go through the layer as one batch. */
function averageViews(
  node: LayerNode,
  views: readonly string[],
  { graph, encode }: Encoding,
): string {
  const { name, outputShape } = node;
  const add = (type: string, inputs: readonly string[], attributes = {}) =>
    graph.add(name, { type, inputs, attributes });
  const all = encode(getOnlyChild(node), add("Concat", views, { axis: 0 }));
  const logarithms = add("LogSoftmax", [all], { axis: 1 });
  const shape = [views.length, -1, ...toChannelsFirst(outputShape)];
  const apart = add("Reshape", [logarithms, graph.addIntegers(shape)]);
  const sum = add("ReduceLogSumExp", [apart], { axes: [0], keepdims: 0 });
  const count = graph.addFloats(`${name || "network"}.views`, [], [Math.log(views.length)]);
  return add("Sub", [sum, count]);
}
