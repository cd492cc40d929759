import * as tf from "@tensorflow/tfjs-core";
import type { Windows } from "../_host_kernels.ts";
import { dispatch, EACH_THREAD, output, type Program, spread } from "./_dispatch.ts";
import type { GpuBackend } from "./_gpu_backend.ts";

const SETTINGS = `struct Settings {
  size : i32, height : i32, width : i32, channels : i32, windowsDown : i32, windowsAcross : i32,
  windowHeight : i32, windowWidth : i32, strideDown : i32, strideAcross : i32, top : i32, left : i32,
}`;

const MAIN = `${EACH_THREAD}
  if (at >= s.size) { return; }
  let channel = at % s.channels;`;

/** For each window the pixel of the image that holds its first maximum. */
const WINNERS: Program = {
  key: "rill-max-pool-winners",
  code: () =>
    `${SETTINGS}
@group(0) @binding(0) var<storage, read_write> winners : array<i32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@group(0) @binding(2) var<uniform> s : Settings;
${MAIN}
  let window = at / s.channels;
  let column = window % s.windowsAcross * s.strideAcross - s.left;
  let row = window / s.windowsAcross % s.windowsDown * s.strideDown - s.top;
  let image = window / (s.windowsAcross * s.windowsDown) * s.height * s.width;
  var best = -1;
  var most = 0.0;
  for (var i = max(row, 0); i < min(row + s.windowHeight, s.height); i++) {
    for (var j = max(column, 0); j < min(column + s.windowWidth, s.width); j++) {
      let value = x[(image + i * s.width + j) * s.channels + channel];
      if (best < 0 || value > most) {
        best = i * s.width + j;
        most = value;
      }
    }
  }
  winners[at] = best;
}
`,
};

/** For each pixel the gradients of the windows that it has won, always in the same order. */
const GATHER: Program = {
  key: "rill-max-pool-gather",
  code: () =>
    `${SETTINGS}
@group(0) @binding(0) var<storage, read_write> dx : array<f32>;
@group(0) @binding(1) var<storage, read> winners : array<i32>;
@group(0) @binding(2) var<storage, read> dy : array<f32>;
@group(0) @binding(3) var<uniform> s : Settings;
${MAIN}
  let pixel = at / s.channels % (s.height * s.width);
  let image = at / (s.channels * s.height * s.width) * s.windowsDown * s.windowsAcross;
  let row = pixel / s.width + s.top;
  let column = pixel % s.width + s.left;
  // Rounded up, so that the first window is one that still reaches this far.
  let firstRow = max((row - s.windowHeight + s.strideDown) / s.strideDown, 0);
  let firstColumn = max((column - s.windowWidth + s.strideAcross) / s.strideAcross, 0);
  let lastRow = min(row / s.strideDown, s.windowsDown - 1);
  let lastColumn = min(column / s.strideAcross, s.windowsAcross - 1);
  var sum = 0.0;
  for (var i = firstRow; i <= lastRow; i++) {
    for (var j = firstColumn; j <= lastColumn; j++) {
      let window = (image + i * s.windowsAcross + j) * s.channels + channel;
      if (winners[window] == pixel) { sum += dy[window]; }
    }
  }
  dx[at] = sum;
}
`,
};

/** The gradient of a maximum over windows: all of it goes to a window's first maximum, as in PyTorch. */
export function maxPoolGradient(
  backend: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  windows: Windows,
): tf.TensorInfo {
  const [, height, width, channels] = windows.input;
  const winners = backend.makeTensorInfo(dy.shape, "int32");
  const result = output(backend, x.shape);
  const run = (program: Program, tensors: readonly tf.TensorInfo[]) => {
    const size = tf.util.sizeFromShape(tensors[0].shape);
    dispatch(backend, program, tensors, [
      size,
      height,
      width,
      channels,
      ...windows.output,
      ...windows.window,
      ...windows.strides,
      ...windows.padding,
    ], spread(backend, Math.ceil(size / 64)));
  };
  run(WINNERS, [winners, x]);
  run(GATHER, [result, winners, dy]);
  backend.disposeData(winners.dataId);
  return result;
}
