import * as tf from "@tensorflow/tfjs-core";
import type { Windows } from "../definitions/_pool_windows.ts";
import { dispatch, makeOutput, type Program, spreadGroups } from "./device/_dispatch.ts";
import { getTypes, writeIsAtMostZero, writeIsNaN } from "./device/_float_bits.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";
import { FIND_WINDOW, FIND_WINDOWS, MAIN, SETTINGS } from "./_pool_code.ts";

/** The pixels of a window at most whose places fit a byte. */
const MOST_PIXELS = 256;

/** Channels come one by one, or four at a time, whose winners are the bytes of one number. */
type Width = 1 | 4;

/** Four places as the bytes of one number. */
const PACKED = "best.x | (best.y << 8u) | (best.z << 16u) | (best.w << 24u)";

/** Writes the program that finds maxima, and their places if these are to be kept. */
const getForward = (width: Width, keeps: boolean): Program => {
  const { float, int } = getTypes(width);
  return {
    key: `rill-max-pool-${width}${keeps ? "" : "-alone"}`,
    code: () =>
      `${SETTINGS}
@group(0) @binding(0) var<storage, read_write> y : array<${float}>;
@group(0) @binding(1) var<storage, read> x : array<${float}>;
${keeps ? "@group(0) @binding(2) var<storage, read_write> winners : array<i32>;" : ""}
@group(0) @binding(${keeps ? 3 : 2}) var<uniform> s : Settings;
${MAIN}
${FIND_WINDOW}
  var best = ${int}(-1);
  // The maximum of nothing is -Infinity, which no constant may be.
  var lowest = 0xff800000u;
  var most = ${float}(bitcast<f32>(lowest));
  var foundNan = best >= ${int}(0);
  for (var i = max(row, 0); i < min(row + s.windowHeight, s.height); i++) {
    for (var j = max(column, 0); j < min(column + s.windowWidth, s.width); j++) {
      let value = x[(image + i * s.width + j) * s.channels + channel];
      // NaN wins, the last of several, as in PyTorch.
      let isNan = ${writeIsNaN("value", width)};
      let wins = (best < ${int}(0)) | (!foundNan & (value > most)) | isNan;
      foundNan = foundNan | isNan;
      best = select(best, ${int}((i - row) * s.windowWidth + j - column), wins);
      most = select(most, value, wins);
    }
  }
  y[at] = most;
${keeps ? `  winners[at] = ${width === 4 ? PACKED : "best"};` : ""}
}
`,
  };
};

/** Writes the program that gathers the gradients of the windows that a pixel has won. */
const getGather = (width: Width, masks: boolean): Program => {
  const { float, int } = getTypes(width);
  return {
    key: `rill-max-pool-gradient-${width}${masks ? "-masked" : ""}`,
    code: () =>
      `${SETTINGS}
@group(0) @binding(0) var<storage, read_write> dx : array<${float}>;
@group(0) @binding(1) var<storage, read> winners : array<i32>;
@group(0) @binding(2) var<storage, read> dy : array<${float}>;
${masks ? `@group(0) @binding(3) var<storage, read> y : array<${float}>;` : ""}
@group(0) @binding(${masks ? 4 : 3}) var<uniform> s : Settings;
${MAIN}
${FIND_WINDOWS}
  var sum = ${float}(0);
  for (var i = firstRow; i <= lastRow; i++) {
    for (var j = firstColumn; j <= lastColumn; j++) {
      let window = (image + i * s.windowsAcross + j) * s.channels + channel;
      let own = (row - i * s.strideDown) * s.windowWidth + column - j * s.strideAcross;
      let winner = ${
        width === 4
          ? "(vec4<i32>(winners[window]) >> vec4<u32>(0, 8, 16, 24)) & vec4<i32>(255)"
          : "winners[window]"
      };
      var passes = winner == ${int}(own);
${masks ? `      passes = passes & !${writeIsAtMostZero("y[window]", width)};` : ""}
      sum += select(${float}(0), dy[window], passes);
    }
  }
  dx[at] = sum;
}
`,
  };
};

const chooseWidth = ({ input: [, , , channels], window: [height, width] }: Windows): Width =>
  channels % 4 === 0 && height * width <= MOST_PIXELS ? 4 : 1;

function runProgram(
  backend: GpuBackend,
  program: Program,
  result: tf.TensorInfo,
  others: readonly tf.TensorInfo[],
  { input: [, height, width, channels], ...windows }: Windows,
  vector: Width,
): void {
  const size = tf.util.sizeFromShape(result.shape) / vector;
  dispatch(backend, program, [result, ...others], [
    size,
    height,
    width,
    channels / vector,
    ...windows.output,
    ...windows.window,
    ...windows.strides,
    ...windows.padding,
  ], spreadGroups(backend, Math.ceil(size / 64)));
}

/** Finds the maximum of each window, and the place of the first of its maxima, or of its last NaN. */
export function findMaxima(
  backend: GpuBackend,
  x: tf.TensorInfo,
  windows: Windows,
): [y: tf.TensorInfo, winners: tf.TensorInfo] {
  const width = chooseWidth(windows);
  const [batch, , , channels] = windows.input;
  const y = makeOutput(backend, [batch, ...windows.output, channels]);
  const winners = backend.makeTensorInfo([tf.util.sizeFromShape(y.shape) / width], "int32");
  runProgram(backend, getForward(width, true), y, [x, winners], windows, width);
  return [y, winners];
}

/** Takes the maximum of each window. */
export function takeMaxima(
  backend: GpuBackend,
  x: tf.TensorInfo,
  windows: Windows,
): tf.TensorInfo {
  const width = windows.input[3] % 4 === 0 ? 4 : 1;
  const [batch, , , channels] = windows.input;
  const y = makeOutput(backend, [batch, ...windows.output, channels]);
  runProgram(backend, getForward(width, false), y, [x], windows, width);
  return y;
}

/** Computes the gradient: for each pixel the gradients of the windows that it has won, always in the same order. */
export function gatherMaxPoolGradient(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  y: tf.TensorInfo,
  winners: tf.TensorInfo,
  windows: Windows,
  /** Whether a maximum of 0 passes nothing on, since ReLU made it. */
  masks: boolean,
): tf.TensorInfo {
  const width = chooseWidth(windows);
  const dx = makeOutput(backend, windows.input);
  const others = [winners, dy, ...masks ? [y] : []];
  runProgram(backend, getGather(width, masks), dx, others, windows, width);
  return dx;
}

/** Computes the gradient where the winners have to be found first. */
export function computeMaxPoolGradient(
  backend: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  windows: Windows,
): tf.TensorInfo {
  const [y, winners] = findMaxima(backend, x, windows);
  const dx = gatherMaxPoolGradient(backend, dy, y, winners, windows, false);
  for (const { dataId } of [y, winners]) backend.disposeData(dataId);
  return dx;
}
