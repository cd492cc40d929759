import type { Product } from "../../models/kernels/webgpu/tuning/_products.ts";
import type { Network } from "../../models/mod.ts";

/** Lists the products of a training step of AlexNet on images of one channel. The first layer's input gradient is not needed. */
export function listAlexnetProducts(network: Network, batch: number): Product[] {
  const outputs = new Map(network.layers.map(({ name, outputShape }) => [name, outputShape]));
  const getShape = (name: string) => outputs.get(name) ?? network.inputShape;
  const countElements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const convolutions = CONVOLUTIONS.flatMap(({ layer, before, kernel, stride, padding }, i) => {
    const [height = 0, width = 0, channels = 0] = getShape(before);
    const [down = 0, across = 0, filters = 0] = getShape(layer);
    const of = {
      batch,
      input: [height, width],
      channels,
      kernel: [kernel, kernel],
      strides: [stride, stride],
      padding: [padding, padding],
      filters,
      output: [down, across],
    } as const;
    const name = `conv${i + 1}`;
    return [
      { name, pass: "forward", of },
      ...i === 0 ? [] : [{ name, pass: "input gradient", of } as const],
      { name, pass: "weight gradient", of },
    ] as const;
  });
  const dense = DENSE.flatMap(({ layer, before }, i) => {
    const of = {
      batch,
      inputs: countElements(getShape(before)),
      outputs: countElements(getShape(layer)),
    };
    return (["forward", "input gradient", "weight gradient"] as const).map((pass) => ({
      name: `fc${i + 1}`,
      pass,
      of,
    }));
  });
  return [...convolutions, ...dense];
}

const CONVOLUTIONS = [
  { layer: "conv.0", before: "", kernel: 11, stride: 4, padding: 0 },
  { layer: "conv.3", before: "conv.2", kernel: 5, stride: 1, padding: 2 },
  { layer: "conv.6", before: "conv.5", kernel: 3, stride: 1, padding: 1 },
  { layer: "conv.8", before: "conv.7", kernel: 3, stride: 1, padding: 1 },
  { layer: "conv.10", before: "conv.9", kernel: 3, stride: 1, padding: 1 },
];

const DENSE = [
  { layer: "fc.0", before: "flatten" },
  { layer: "fc.3", before: "fc.2" },
  { layer: "fc.6", before: "fc.5" },
];
