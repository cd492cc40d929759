// Layers that take maxima and means of windows.
import type { LayerNode } from "../layers/network.ts";
import { type Encoding, getBoolean, getNumbers, type LayerEncoder } from "./_layer_encoder.ts";

/** The windows of a pool, each list of rows before columns. */
interface PoolWindows {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  /** What was asked for: above and to the left, below and to the right. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** How far the last windows reach over that, where sizes are rounded up. */
  readonly over: readonly number[];
}

/**
 * Reads the windows of a pool. That sizes are rounded up is told by more padding, as runtimes don't agree on which windows count
 * then.
 */
function readWindows(node: LayerNode): PoolWindows {
  const size = getNumbers(node, "poolSize", 2);
  const strides = getNumbers(node, "strides", 2);
  const [top = 0, bottom = 0, left = 0, right = 0] = getNumbers(node, "padding", 4);
  const [before, after] = [[top, left], [bottom, right]];
  const over = [0, 1].map((d) => {
    const reached = (node.outputShape[d]! - 1) * strides[d]! + size[d]!;
    return Math.max(0, reached - node.inputShape[d]! - before[d]! - after[d]!);
  });
  return { size, strides, before, after, over };
}

const add = (a: readonly number[], b: readonly number[]) => a.map((n, d) => n + b[d]!);

/** Encodes pooling by maxima. */
export const encodeMaxPool2d: LayerEncoder = (node, x, { graph }) => {
  const { size, strides, before, after, over } = readWindows(node);
  return graph.add(node.name, {
    type: "MaxPool",
    inputs: [x],
    attributes: { kernel_shape: size, strides, pads: [...before, ...add(after, over)] },
  });
};

/** Encodes pooling by means. What lies over the edge never counts in the number that divides, padding where it is asked for. */
export const encodeAvgPool2d: LayerEncoder = (node, x, { graph }) => {
  const { size, strides, before, after, over } = readWindows(node);
  const countsPadding = getBoolean(node, "countPadding");
  const isOver = over.some((n) => n > 0);
  const isPadded = [...before, ...after].some((n) => n > 0);
  // One of the two would count all of it, so that the padding is made part of the image.
  const isPaddedBefore = countsPadding && isPadded && isOver;
  const input = isPaddedBefore
    ? graph.add(node.name, {
      type: "Pad",
      inputs: [x, graph.addIntegers([0, 0, ...before, 0, 0, ...after])],
    })
    : x;
  const pads = isPaddedBefore ? [0, 0, ...over] : [...before, ...add(after, over)];
  return graph.add(node.name, {
    type: "AveragePool",
    inputs: [input],
    attributes: {
      kernel_shape: size,
      strides,
      pads,
      count_include_pad: countsPadding && !isOver ? 1 : 0,
    },
  });
};

/** Encodes pooling to a size: means of windows that may overlap, along one direction after the other. */
export const encodeAdaptiveAvgPool2d: LayerEncoder = (node, x, encoding) => {
  const size = getNumbers(node, "outputSize", 2);
  const [height = 1, width = 1] = node.inputShape;
  if (size.every((n) => n === 1)) {
    return encoding.graph.add(node.name, { type: "GlobalAveragePool", inputs: [x] });
  }
  const rows = averageAlong(node, x, { axis: 2, length: height, count: size[0]! }, encoding);
  return averageAlong(node, rows, { axis: 3, length: width, count: size[1]! }, encoding);
};

function averageAlong(
  { name }: LayerNode,
  x: string,
  { axis, length, count }: {
    readonly axis: 2 | 3;
    readonly length: number;
    readonly count: number;
  },
  { graph }: Encoding,
): string {
  if (count === length) return x;
  if (length % count === 0) {
    const window = axis === 2 ? [length / count, 1] : [1, length / count];
    return graph.add(name, {
      type: "AveragePool",
      inputs: [x],
      attributes: { kernel_shape: window, strides: window },
    });
  }
  const means = Array.from({ length: count }, (_, i) => {
    const [begin, end] = [Math.floor(i * length / count), Math.ceil((i + 1) * length / count)];
    const bounds = [[begin], [end], [axis]].map((integers) => graph.addIntegers(integers));
    return graph.add(name, {
      type: "ReduceMean",
      inputs: [graph.add(name, { type: "Slice", inputs: [x, ...bounds] })],
      attributes: { axes: [axis], keepdims: 1 },
    });
  });
  return graph.add(name, { type: "Concat", inputs: means, attributes: { axis } });
}

/** Encodes the mean of each channel. */
export const encodeGlobalAvgPool2d: LayerEncoder = (node, x, { graph }) => {
  const pooled = graph.add(node.name, { type: "GlobalAveragePool", inputs: [x] });
  return graph.add(node.name, { type: "Flatten", inputs: [pooled], attributes: { axis: 1 } });
};
