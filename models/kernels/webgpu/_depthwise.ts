// Depthwise convolutions and their gradients, of any strides, dilation and padding. What lies on padding is left out, so that a
// weight that isn't finite makes no NaN there.
import * as tf from "@tensorflow/tfjs-core";
import { sumMatrices } from "./_channel_sums.ts";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "./device/_dispatch.ts";
import { getTypes } from "./device/_float_bits.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** Channels come four at a time, where each has one filter. */
type Width = 1 | 4;

type Info = tf.backend_util.Conv2DInfo;

const SETTINGS = `struct Settings {
  size : i32, height : i32, width : i32, channels : i32, rows : i32, columns : i32, filters : i32, multiplier : i32,
  taps : i32, tapsAcross : i32, strideDown : i32, strideAcross : i32,
  dilationDown : i32, dilationAcross : i32, top : i32, left : i32,
  allRows : i32, sliceRows : i32,
}`;

const writeBindings = (float: string, target: string, sources: readonly [string, string]) =>
  `@group(0) @binding(0) var<storage, read_write> ${target} : array<${float}>;
@group(0) @binding(1) var<storage, read> ${sources[0]} : array<${float}>;
@group(0) @binding(2) var<storage, read> ${sources[1]} : array<${float}>;
@group(0) @binding(3) var<uniform> s : Settings;`;

const getForward = (width: Width): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-depthwise-${width}`,
    code: () =>
      `${SETTINGS}
${writeBindings(float, "y", ["x", "weights"])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let filter_ = at % s.filters;
  let pixel = at / s.filters;
  let channel = filter_ / s.multiplier;
  let top = pixel / s.columns % s.rows * s.strideDown - s.top;
  let left = pixel % s.columns * s.strideAcross - s.left;
  let image = pixel / (s.columns * s.rows) * s.height;
  var sum = ${float}(0);
  for (var tap = 0; tap < s.taps; tap += s.tapsAcross) {
    let row = top + tap / s.tapsAcross * s.dilationDown;
    if (row < 0 || row >= s.height) { continue; }
    for (var j = 0; j < s.tapsAcross; j++) {
      let column = left + j * s.dilationAcross;
      if (column < 0 || column >= s.width) { continue; }
      sum += x[((image + row) * s.width + column) * s.channels + channel] * weights[(tap + j) * s.filters + filter_];
    }
  }
  y[at] = sum;
}
`,
  };
};

const getInputGradient = (width: Width): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-depthwise-input-gradient-${width}`,
    code: () =>
      `${SETTINGS}
${writeBindings(float, "dx", ["dy", "weights"])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let first = at % s.channels * s.multiplier;
  let pixel = at / s.channels;
  let bottom = pixel / s.width % s.height + s.top;
  let right = pixel % s.width + s.left;
  let image = pixel / (s.width * s.height) * s.rows;
  var sum = ${float}(0);
  for (var tap = 0; tap < s.taps; tap += s.tapsAcross) {
    let down = bottom - tap / s.tapsAcross * s.dilationDown;
    let row = down / s.strideDown;
    if (down < 0 || row >= s.rows || row * s.strideDown != down) { continue; }
    for (var j = 0; j < s.tapsAcross; j++) {
      let across = right - j * s.dilationAcross;
      let column = across / s.strideAcross;
      if (across < 0 || column >= s.columns || column * s.strideAcross != across) { continue; }
      let place = ((image + row) * s.columns + column) * s.filters + first;
      for (var k = 0; k < s.multiplier; k++) {
        sum += dy[place + k] * weights[(tap + j) * s.filters + first + k];
      }
    }
  }
  dx[at] = sum;
}
`,
  };
};

/** Writes the program of a thread for each weight and slice of the rows of all results. */
const getFilterGradient = (width: Width): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-depthwise-filter-gradient-${width}`,
    code: () =>
      `${SETTINGS}
${writeBindings(float, "dWeights", ["x", "dy"])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let filter_ = at % s.filters;
  let channel = filter_ / s.multiplier;
  let tap = at / s.filters % s.taps;
  let down = tap / s.tapsAcross * s.dilationDown - s.top;
  let across = tap % s.tapsAcross * s.dilationAcross - s.left;
  // Those columns of the result for which the tap lies in the image.
  let firstColumn = max((s.strideAcross - 1 - across) / s.strideAcross, 0);
  let endColumn = min((s.width - across + s.strideAcross - 1) / s.strideAcross, s.columns);
  let first = at / (s.filters * s.taps) * s.sliceRows;
  let end = min(first + s.sliceRows, s.allRows);
  var sum = ${float}(0);
  for (var line = first; line < end; line++) {
    let row = line % s.rows * s.strideDown + down;
    if (row < 0 || row >= s.height) { continue; }
    let source = (line / s.rows * s.height + row) * s.width + across;
    for (var column = firstColumn; column < endColumn; column++) {
      sum += x[(source + column * s.strideAcross) * s.channels + channel] * dy[(line * s.columns + column) * s.filters + filter_];
    }
  }
  dWeights[at] = sum;
}
`,
  };
};

function runProgram(
  backend: GpuBackend,
  getProgram: (width: Width) => Program,
  tensors: readonly [result: tf.TensorInfo, ...sources: tf.TensorInfo[]],
  info: Info,
  sliceRows = 0,
): void {
  const width = chooseWidth(info);
  const size = tf.util.sizeFromShape(tensors[0].shape) / width;
  dispatch(backend, getProgram(width), tensors, [
    size,
    info.inHeight,
    info.inWidth,
    info.inChannels / width,
    info.outHeight,
    info.outWidth,
    info.outChannels / width,
    info.outChannels / info.inChannels,
    info.filterHeight * info.filterWidth,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.dilationHeight,
    info.dilationWidth,
    info.padInfo.top,
    info.padInfo.left,
    info.batchSize * info.outHeight,
    sliceRows,
  ], spreadGroups(backend, Math.ceil(size / 64)));
}

const chooseWidth = ({ inChannels, outChannels }: Info): Width =>
  inChannels === outChannels && inChannels % 4 === 0 ? 4 : 1;

/** Convolves each channel with filters of its own. */
export function convolveDepthwise(
  backend: GpuBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  info: Info,
): tf.TensorInfo {
  const y = makeOutput(backend, [info.batchSize, info.outHeight, info.outWidth, info.outChannels]);
  runProgram(backend, getForward, [y, x, filter], info);
  return y;
}

/** Computes the input's gradient. */
export function computeDepthwiseInputGradient(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  info: Info,
): tf.TensorInfo {
  const dx = makeOutput(backend, [info.batchSize, info.inHeight, info.inWidth, info.inChannels]);
  runProgram(backend, getInputGradient, [dx, dy, filter], info);
  return dx;
}

/** The sums that keep a device busy. */
const ENOUGH_SUMS = 16384;
/** The pixels that one thread sums at least, where there are too few weights. */
const LEAST_PIXELS = 64;
/** And at most, about: lavapipe ends a thread's loops after 65,535 turns. */
const MOST_PIXELS = 16384;

/** Computes the filter's gradient, always in the same order. */
export function computeDepthwiseFilterGradient(
  backend: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  info: Info,
): tf.TensorInfo {
  const { outHeight, outWidth, outChannels, inChannels, filterHeight, filterWidth } = info;
  const shape = [filterHeight, filterWidth, inChannels, outChannels / inChannels];
  const weights = tf.util.sizeFromShape(shape);
  const rows = info.batchSize * outHeight;
  const pixels = rows * outWidth;
  const wanted = Math.max(
    Math.min(
      Math.ceil(ENOUGH_SUMS * chooseWidth(info) / weights),
      Math.ceil(pixels / LEAST_PIXELS),
    ),
    Math.ceil(pixels / MOST_PIXELS),
  );
  const sliceRows = Math.ceil(rows / wanted);
  const slices = Math.ceil(rows / sliceRows);
  const sums = makeOutput(backend, slices === 1 ? shape : [slices, weights]);
  runProgram(backend, getFilterGradient, [sums, x, dy], info, sliceRows);
  if (slices === 1) return sums;
  const matrix = { batch: 1, rows: slices, columns: weights };
  const result = sumMatrices(backend, sums, shape, matrix);
  backend.disposeData(sums.dataId);
  return result;
}
