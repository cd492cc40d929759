// Layers that apply a function to each number.
import { getNumber, type LayerEncoder } from "./_layer_encoder.ts";
import { OnnxError } from "./onnx_error.ts";

/** Makes the encoder of what ONNX has one operator for. */
export const encodeAs = (type: string): LayerEncoder => (node, x, { graph }) =>
  graph.add(node.name, { type, inputs: [x] });

/** Encodes ReLU6. */
export const encodeRelu6: LayerEncoder = ({ name }, x, { graph }) => {
  const bounds = [["least", 0], ["most", 6]] as const;
  const inputs = bounds.map(([bound, value]) => graph.addFloats(`${name}.${bound}`, [], [value]));
  return graph.add(name, { type: "Clip", inputs: [x, ...inputs] });
};

/** Encodes a leaky rectifier. */
export const encodeLeakyRelu: LayerEncoder = (node, x, { graph }) =>
  graph.add(node.name, {
    type: "LeakyRelu",
    inputs: [x],
    attributes: { alpha: { float: getNumber(node, "slope") } },
  });

/** Encodes SiLU. */
export const encodeSilu: LayerEncoder = ({ name }, x, { graph }) =>
  graph.add(name, {
    type: "Mul",
    inputs: [x, graph.add(name, { type: "Sigmoid", inputs: [x] })],
  });

/** Encodes GELU, which has no operator before opset 20: x (1 + erf(x / √2)) / 2, or by the tangent that is near it. */
export const encodeGelu: LayerEncoder = (node, x, { graph }) => {
  const add = (type: string, ...inputs: string[]) => graph.add(node.name, { type, inputs });
  const number = (name: string, value: number) =>
    graph.addFloats(`${node.name}.${name}`, [], [value]);
  const { approximate } = node.kind?.attributes ?? {};
  const halve = (inner: string) =>
    add("Mul", add("Mul", x, add("Add", inner, number("one", 1))), number("half", 0.5));
  if (approximate === "none") {
    return halve(add("Erf", add("Mul", x, number("root", Math.SQRT1_2))));
  }
  if (approximate !== "tanh") {
    throw new OnnxError(node, `its kind gelu is approximated by ${approximate}`);
  }
  const cube = add("Mul", add("Mul", x, x), x);
  const sum = add("Add", x, add("Mul", cube, number("cubic", 0.044715)));
  return halve(add("Tanh", add("Mul", sum, number("root", Math.sqrt(2 / Math.PI)))));
};
