// Batch normalization. A thread takes a channel's mean and the squares of the differences from it over a slice of the numbers, by
// Welford's way, so that the numbers are read once; the slices' are joined by Chan's, where no large numbers cancel.
import type * as tf from "@tensorflow/tfjs-core";
import type { BatchNormGradientAttrs, Rectifier } from "../definitions/_kernel_names.ts";
import {
  addSlices,
  chooseWidth,
  type Finish,
  finishSlices,
  type Matrices,
  sliceRows,
  type Slices,
  type SliceSum,
  sumSlices,
  takeFound,
} from "./sums/_channel_sums.ts";
import { combine, type Rectified, writePasses } from "./_channels.ts";
import { makeOutput } from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** Images as matrices, a column for each channel. */
const getImages = ({ shape }: tf.TensorInfo): Matrices => {
  const [batch = 1, rows = 1, columns = 1] = shape;
  return { batch, rows, columns };
};

/** A whole batch as one matrix. */
const getWhole = (x: tf.TensorInfo): Matrices => {
  const { batch, rows, columns } = getImages(x);
  return { batch: 1, rows: batch * rows, columns };
};

const slice = (matrices: Matrices) => sliceRows(matrices, chooseWidth(matrices.columns));

const SQUARES: SliceSum = {
  name: "centered-squares",
  inputs: ["x", "mean"],
  begin: `let center = mean[column];
  var sum = FLOAT(0);`,
  each: `let apart = x[place] - center;
    sum += apart * apart;`,
  found: ["sum"],
};

/** Sums the squares of the differences from a channel's mean over the pixels of each image. */
export function sumCenteredSquares(
  backend: GpuBackend,
  x: tf.TensorInfo,
  mean: tf.TensorInfo,
): tf.TensorInfo {
  const images = getImages(x);
  return addSlices(backend, SQUARES, [x, mean], [images.batch, images.columns], slice(images));
}

/** The sums of a gradient that has passed the rectifier behind. */
const getRectifiedProducts = (rectifier: Rectifier, width: 1 | 4): SliceSum => ({
  name: `centered-products-${rectifier}`,
  inputs: ["dy", "x", "mean", "scale", "shift"],
  begin: `let center = mean[column];
  let factor = scale[column];
  let term = shift[column];
  var sum = FLOAT(0);
  var products = FLOAT(0);`,
  each: `let before = x[place];
    let result = before * factor + term;
    let value = select(FLOAT(0), dy[place], ${writePasses(rectifier, "result", width)});
    sum += value;
    products += value * (before - center);`,
  found: ["sum", "products"],
});

const PRODUCTS: SliceSum = {
  name: "centered-products",
  inputs: ["dy", "x", "mean"],
  begin: `let center = mean[column];
  var sum = FLOAT(0);
  var products = FLOAT(0);`,
  each: `let value = dy[place];
    sum += value;
    products += value * (x[place] - center);`,
  found: ["sum", "products"],
};

const BOTH: Finish = {
  name: "both",
  outputs: ["first", "second"],
  inputs: [],
  terms: [takeFound(0), takeFound(1)],
  code: `  first[at] = sum0;
  second[at] = sum1;`,
};

/** Sums a gradient, and its products with the differences from a channel's mean, over slices. */
function sumProducts(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  x: tf.TensorInfo,
  mean: tf.TensorInfo,
  rectified: Rectified | undefined,
  slices: Slices,
): tf.TensorInfo {
  if (!rectified) return sumSlices(backend, PRODUCTS, [dy, x, mean], slices);
  const { rectifier, scale, shift } = rectified;
  const products = getRectifiedProducts(rectifier, chooseWidth(slices.columns));
  return sumSlices(backend, products, [dy, x, mean, scale, shift], slices);
}

/** Sums a gradient over the pixels of each image, and its products with the differences from a channel's mean. */
export function sumCenteredProducts(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  x: tf.TensorInfo,
  mean: tf.TensorInfo,
  rectified?: Rectified,
): [own: tf.TensorInfo, products: tf.TensorInfo] {
  const images = getImages(x);
  const slices = slice(images);
  const parts = sumProducts(backend, dy, x, mean, rectified, slices);
  const make = () => makeOutput(backend, [images.batch, images.columns]);
  const sums: [tf.TensorInfo, tf.TensorInfo] = [make(), make()];
  finishSlices(backend, BOTH, { outputs: sums, parts }, slices);
  backend.disposeData(parts.dataId);
  return sums;
}

const MOMENTS: SliceSum = {
  name: "moments",
  inputs: ["x"],
  begin: `var sum = FLOAT(0);
  var mean = FLOAT(0);
  var squares = FLOAT(0);`,
  // The sum by itself too: a mean that has become infinite is NaN with the next number.
  each: `let value = x[place];
    let before = value - mean;
    sum += value;
    mean += before * (1.0 / f32(row - first + 1));
    squares += before * (value - mean);`,
  found: ["sum", "squares"],
};

const STATISTICS: Finish = {
  name: "statistics",
  outputs: ["mean", "variance", "scale", "shift"],
  inputs: ["weight", "bias"],
  settings: ["epsilon"],
  terms: [
    takeFound(0),
    `let count = f32(min(s.sliceRows, s.rows - slice * s.sliceRows));
      let apart = parts[part] / count - sum0 / f32(s.rows);
      let term = parts[part + s.size] + count * apart * apart;`,
  ],
  code: `  let average = sum0 / f32(s.rows);
  let spread = sum1 / f32(s.rows);
  let factor = weight[column] * inverseSqrt(spread + s.epsilon);
  mean[at] = average;
  variance[at] = spread;
  scale[at] = factor;
  shift[at] = bias[column] - average * factor;`,
};

/** Computes the mean and the biased variance of each channel, and what these, the weight and the bias do to it. */
export function measureBatch(
  backend: GpuBackend,
  x: tf.TensorInfo,
  weight: tf.TensorInfo,
  bias: tf.TensorInfo,
  epsilon: number,
): tf.TensorInfo[] {
  const slices = slice(getWhole(x));
  const parts = sumSlices(backend, MOMENTS, [x], slices);
  const outputs = STATISTICS.outputs.map(() => makeOutput(backend, [slices.columns]));
  finishSlices(backend, STATISTICS, { outputs, parts, inputs: [weight, bias] }, slices, [epsilon]);
  backend.disposeData(parts.dataId);
  return outputs;
}

const GRADIENT: Finish = {
  name: "batch-norm-gradient",
  outputs: ["dWeight", "dBias", "slope", "offset"],
  inputs: ["mean", "variance", "scale"],
  settings: ["epsilon"],
  terms: [takeFound(0), takeFound(1)],
  // dx = scale · (dy - mean(dy) - (x - mean) · inverse² · mean(dy · (x - mean)))
  code: `  let inverse = inverseSqrt(variance[column] + s.epsilon);
  let factor = scale[column];
  let tilt = -factor * inverse * inverse * (sum1 / f32(s.rows));
  dWeight[at] = sum1 * inverse;
  dBias[at] = sum0;
  slope[at] = tilt;
  offset[at] = -(factor * (sum0 / f32(s.rows)) + mean[column] * tilt);`,
};

/** Computes the gradients of a batch's normalization for its input, its weight and its bias. */
export function computeBatchNormGradient(
  backend: GpuBackend,
  { dy, x, mean, variance, scale, shift }: Readonly<
    Record<"dy" | "x" | "mean" | "variance" | "scale" | "shift", tf.TensorInfo>
  >,
  { epsilon, rectifier }: BatchNormGradientAttrs,
): tf.TensorInfo[] {
  const rectified = rectifier && { rectifier, scale, shift };
  const slices = slice(getWhole(x));
  const parts = sumProducts(backend, dy, x, mean, rectified, slices);
  const outputs = GRADIENT.outputs.map(() => makeOutput(backend, [slices.columns]));
  const inputs = [mean, variance, scale];
  finishSlices(backend, GRADIENT, { outputs, parts, inputs }, slices, [epsilon]);
  const [dWeight, dBias, slope, offset] = outputs as [
    tf.TensorInfo,
    tf.TensorInfo,
    tf.TensorInfo,
    tf.TensorInfo,
  ];
  const dx = combine(backend, { dy, scale, x, slope, offset }, rectified);
  for (const { dataId } of [parts, slope, offset]) backend.disposeData(dataId);
  return [dx, dWeight, dBias];
}
