import type * as tf from "@tensorflow/tfjs-core";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
} from "../device/_dispatch.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import type { Epilogue } from "../gemm/_epilogue.ts";
import { multiplyInto } from "../gemm/_gemm.ts";
import type { Convolution } from "./_shape.ts";

/** An image whose pixels are the rows of a product, with the rows of a filter as segments. */
interface Pixels {
  readonly lines: number;
  readonly width: number;
  readonly channels: number;
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly start: readonly [line: number, pixel: number];
  readonly output: readonly [height: number, width: number];
}

/** Gives the settings of a product that depend on such an image. */
const getPixelSettings = ({ lines, width, channels, kernel, strides, start, output }: Pixels) => ({
  segments: kernel[0],
  inner: kernel[1] * channels,
  plane: output[0] * output[1],
  line: output[1],
  lineStep: strides[0],
  lineStart: start[0],
  elementStep: strides[1] * channels,
  elementStart: start[1] * channels,
  // More segments than there are: all of them are in the row's own image.
  segmentPlane: kernel[0] + 1,
  segmentStep: 1,
  innerStep: 1,
  lines,
  elements: width * channels,
});

/** The settings of a single product. */
const SINGLE = { leftBatch: 0, rightBatch: 0, resultBatch: 0 };

/** Convolves images, with zeros beyond their edges. */
export function convolveDirectly(
  backend: GpuBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  shape: Convolution,
  epilogue?: Epilogue,
): tf.TensorInfo {
  const { batch, channels, kernel, strides, padding, filters } = shape;
  const result = makeOutput(backend, [batch, ...shape.output, filters]);
  const [height, width] = shape.output;
  multiplyInto(
    backend,
    {
      layout: { left: "inner", right: "columns" },
      batch: 1,
      settings: {
        rows: batch * height * width,
        columns: filters,
        ...getPixelSettings({
          lines: shape.input[0],
          width: shape.input[1],
          channels,
          kernel,
          strides,
          start: [-padding[0], -padding[1]],
          output: shape.output,
        }),
        rightStart: 0,
        rightSegment: kernel[1] * channels * filters,
        rightInner: filters,
        rightColumn: 1,
        resultStart: 0,
        resultPlane: height * width * filters,
        resultLine: width * filters,
        resultPixel: filters,
        ...SINGLE,
      },
    },
    x,
    filter,
    result,
    true,
    epilogue,
  );
  return result;
}

/** Computes the gradient for the filter: a sum over all pixels of the output. */
export function computeFilterGradientDirectly(
  backend: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  shape: Convolution,
  epilogue?: Epilogue,
): tf.TensorInfo {
  const { batch, input, channels, kernel, strides, padding, filters } = shape;
  const result = makeOutput(backend, [...kernel, channels, filters]);
  const [height, width] = shape.output;
  const line = kernel[1] * channels;
  multiplyInto(
    backend,
    {
      layout: { left: "rows", right: "columns" },
      batch: 1,
      settings: {
        rows: kernel[0] * line,
        columns: filters,
        segments: batch * height,
        inner: width,
        plane: kernel[0] * line,
        line,
        lineStep: 1,
        lineStart: -padding[0],
        elementStep: 1,
        elementStart: -padding[1] * channels,
        segmentPlane: height,
        segmentStep: strides[0],
        innerStep: strides[1] * channels,
        lines: input[0],
        elements: input[1] * channels,
        rightStart: 0,
        rightSegment: width * filters,
        rightInner: filters,
        rightColumn: 1,
        resultStart: 0,
        resultPlane: 0,
        resultLine: line * filters,
        resultPixel: filters,
        ...SINGLE,
      },
    },
    x,
    dy,
    result,
    true,
    epilogue,
  );
  return result;
}

/**
 * Computes the gradient for the input. Pixels whose place modulo the strides is the same have the same taps of the filter: each such
 * phase is a convolution of `dy` with these taps in reverse order, inputs and outputs exchanged.
 */
export function computeInputGradientDirectly(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  shape: Convolution,
  epilogue?: Epilogue,
): tf.TensorInfo {
  const { batch, input, channels, strides, filters } = shape;
  const result = makeOutput(backend, [batch, ...input, channels]);
  const listPhases = (d: 0 | 1) => {
    const phases = Array.from({ length: strides[d] }, (_, p) => computePhase(shape, d, p));
    return phases.filter(({ count }) => count > 0);
  };
  for (const down of listPhases(0)) {
    for (const across of listPhases(1)) {
      const taps = [down.taps, across.taps] as const;
      const reversed = taps[0] * taps[1] === 0 ? undefined : reverseTaps(backend, filter, {
        taps,
        first: [down.first, across.first],
        strides,
        width: shape.kernel[1],
        channels,
        filters,
      });
      const output = [down.count, across.count] as const;
      multiplyInto(
        backend,
        {
          layout: { left: "inner", right: "columns" },
          batch: 1,
          settings: {
            rows: batch * output[0] * output[1],
            columns: channels,
            ...getPixelSettings({
              lines: shape.output[0],
              width: shape.output[1],
              channels: filters,
              kernel: taps,
              strides: [1, 1],
              start: [down.start, across.start],
              output,
            }),
            rightStart: 0,
            rightSegment: taps[1] * filters * channels,
            rightInner: channels,
            rightColumn: 1,
            resultStart: (down.offset * input[1] + across.offset) * channels,
            resultPlane: input[0] * input[1] * channels,
            resultLine: strides[0] * input[1] * channels,
            resultPixel: strides[1] * channels,
            ...SINGLE,
          },
        },
        dy,
        // With no taps nothing of it is read.
        reversed ?? filter,
        result,
        strides[0] * strides[1] === 1,
        epilogue,
      );
      if (reversed) backend.disposeData(reversed.dataId);
    }
  }
  return result;
}

/** Computes, in one direction, which pixels meet the filter's taps `first`, `first + stride`, ... */
function computePhase({ input, kernel, strides, padding }: Convolution, d: 0 | 1, first: number) {
  const stride = strides[d];
  const taps = Math.max(0, Math.ceil((kernel[d] - first) / stride));
  const offset = (((first - padding[d]) % stride) + stride) % stride;
  return {
    first,
    taps,
    /** The first of these pixels, and how many there are. */
    offset,
    count: Math.ceil(Math.max(0, input[d] - offset) / stride),
    /** The place in `dy` where the first pixel's taps begin. */
    start: (offset + padding[d] - first) / stride - (taps - 1),
  };
}

const REVERSE: Program = {
  key: "rill-reverse-filter",
  code: () =>
    `struct Settings {
  size : i32, taps : i32, across : i32, firstDown : i32, firstAcross : i32,
  strideDown : i32, strideAcross : i32, width : i32, channels : i32, filters : i32,
}
@group(0) @binding(0) var<storage, read_write> result : array<f32>;
@group(0) @binding(1) var<storage, read> filters : array<f32>;
@group(0) @binding(2) var<uniform> s : Settings;
${EACH_THREAD}
  if (at >= s.size) { return; }
  let channel = at % s.channels;
  let out = at / s.channels % s.filters;
  let tap = s.taps - 1 - at / (s.channels * s.filters);
  let row = tap / s.across * s.strideDown + s.firstDown;
  let column = tap % s.across * s.strideAcross + s.firstAcross;
  result[at] = filters[((row * s.width + column) * s.channels + channel) * s.filters + out];
}
`,
};

/** Reverses some taps of a filter, as `[height, width, filters, channels]`. */
function reverseTaps(
  backend: GpuBackend,
  filter: tf.TensorInfo,
  { taps, first, strides, width, channels, filters }: {
    readonly taps: readonly [number, number];
    readonly first: readonly [number, number];
    readonly strides: readonly [number, number];
    readonly width: number;
    readonly channels: number;
    readonly filters: number;
  },
): tf.TensorInfo {
  const result = makeOutput(backend, [...taps, filters, channels]);
  const size = taps[0] * taps[1] * filters * channels;
  dispatch(
    backend,
    REVERSE,
    [result, filter],
    [size, taps[0] * taps[1], taps[1], ...first, ...strides, width, channels, filters],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return result;
}
