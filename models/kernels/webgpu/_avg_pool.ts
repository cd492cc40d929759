import * as tf from "@tensorflow/tfjs-core";
import type { Windows } from "../definitions/_pool_windows.ts";
import { chooseWidth, sumMatrices } from "./sums/_channel_sums.ts";
import { dispatch, makeOutput, type Program, spreadGroups } from "./device/_dispatch.ts";
import { getTypes } from "./device/_float_bits.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";
import { FIND_WINDOW, FIND_WINDOWS, MAIN, SETTINGS } from "./_pool_code.ts";

/** Writes the program that takes the mean of what of each window lies in the image. */
const getForward = (width: 1 | 4): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-avg-pool-${width}`,
    code: () =>
      `${SETTINGS}
@group(0) @binding(0) var<storage, read_write> y : array<${float}>;
@group(0) @binding(1) var<storage, read> x : array<${float}>;
@group(0) @binding(2) var<uniform> s : Settings;
${MAIN}
${FIND_WINDOW}
  let firstRow = max(row, 0);
  let endRow = min(row + s.windowHeight, s.height);
  let firstColumn = max(column, 0);
  let endColumn = min(column + s.windowWidth, s.width);
  var sum = ${float}(0);
  for (var i = firstRow; i < endRow; i++) {
    for (var j = firstColumn; j < endColumn; j++) {
      sum += x[(image + i * s.width + j) * s.channels + channel];
    }
  }
  y[at] = sum / f32((endRow - firstRow) * (endColumn - firstColumn));
}
`,
  };
};

/** Writes the program that gathers the gradients of the windows that a pixel lies in. */
const getGather = (width: 1 | 4): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-avg-pool-gradient-${width}`,
    code: () =>
      `${SETTINGS}
@group(0) @binding(0) var<storage, read_write> dx : array<${float}>;
@group(0) @binding(1) var<storage, read> dy : array<${float}>;
@group(0) @binding(2) var<uniform> s : Settings;
${MAIN}
${FIND_WINDOWS}
  var sum = ${float}(0);
  for (var i = firstRow; i <= lastRow; i++) {
    for (var j = firstColumn; j <= lastColumn; j++) {
      sum += dy[(image + i * s.windowsAcross + j) * s.channels + channel];
    }
  }
  dx[at] = sum / f32(s.windowHeight * s.windowWidth);
}
`,
  };
};

function runProgram(
  backend: GpuBackend,
  getProgram: (width: 1 | 4) => Program,
  result: tf.TensorInfo,
  source: tf.TensorInfo,
  { input: [, height, width, channels], output, window, strides, padding }: Windows,
): tf.TensorInfo {
  const vector = chooseWidth(channels);
  const size = tf.util.sizeFromShape(result.shape) / vector;
  dispatch(
    backend,
    getProgram(vector),
    [result, source],
    [
      size,
      height,
      width,
      channels / vector,
      ...output,
      ...window,
      ...strides,
      ...padding,
    ],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return result;
}

/** Takes the mean of what of each window lies in the image. */
export function takeMeans(backend: GpuBackend, x: tf.TensorInfo, windows: Windows): tf.TensorInfo {
  const { input: [batch, height, width, columns], output, window, padding } = windows;
  const shape = [batch, ...output, columns];
  const isWhole = Math.max(...output) === 1 && Math.max(...padding) === 0 &&
    window[0] >= height && window[1] >= width;
  // Many threads for one window.
  if (isWhole) {
    const rows = height * width;
    return sumMatrices(backend, x, shape, { batch, rows, columns }, 1 / rows);
  }
  return runProgram(backend, getForward, makeOutput(backend, shape), x, windows);
}

/** Computes the gradient, by the whole window's size for each: for each pixel always in the same order. */
export function computeAvgPoolGradient(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  windows: Windows,
): tf.TensorInfo {
  return runProgram(backend, getGather, makeOutput(backend, windows.input), dy, windows);
}
