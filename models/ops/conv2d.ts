/**
 * Convolutions of images.
 *
 * @module
 */

import { FUSED_CONV2D } from "../kernels/definitions/_kernel_names.ts";
import type { Tensor } from "../types/tensor.ts";
import { type Convolution, convolve, convolveInGroups } from "./_convolutions.ts";
import { addBias } from "./_base/bias.ts";
import { hasKernel, run } from "./_base/differentiable.ts";
import { makeConstant, openFloats, refuse } from "./_base/operands.ts";
import { fromTfjs } from "./_base/tfjs.ts";
import { type Padding, resolvePadding, resolvePair, toKernelPadding } from "./_windows.ts";

export type { Padding } from "./_windows.ts";
export type { DataOf, DataType, Tensor } from "../types/tensor.ts";

/** The settings of a convolution. */
export interface Conv2dOptions {
  /** Pixels from one window to the next, in both directions or down and across; 1 by default. */
  readonly strides?: number | readonly [down: number, across: number];
  /** Zeros around the image; none by default. */
  readonly padding?: Padding;
  /** Pixels from one weight of a window to the next, in both directions or down and across; 1 by default. */
  readonly dilation?: number | readonly [down: number, across: number];
  /** The number of groups in which the channels come that don't mix; 1 by default. It divides the channels and the filters. */
  readonly groups?: number;
  /** What is added to each channel of the result, `[filters]`; nothing by default. */
  readonly bias?: Tensor;
}

/**
 * Convolves images with filters, as PyTorch's `conv2d` does: the filters are not turned.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const backend = await openBackend("wasm");
 * const x = toTensor(Float32Array.of(1, 2, 3, 4), [1, 2, 2, 1]);
 * const filter = toTensor(Float32Array.of(1, 1, 1, 1), [2, 2, 1, 1]);
 * assertEquals([...await ops.conv2d(x, filter).data()], [10]);
 * const y = ops.conv2d(x, filter, { padding: "same", strides: [1, 2] });
 * assertEquals(y.shape, [1, 2, 1, 1]);
 * assertEquals([...await y.data()], [10, 7]);
 * await backend.close();
 * ```
 *
 * @param x The images, `[n, height, width, channels]`.
 * @param filter The weights, `[height, width, channels / groups, filters]`; with as many groups as channels it is a
 * depthwise convolution.
 * @param options Strides, padding, dilation, groups, bias.
 * @returns `[n, ⌊(height + padding - window) / stride⌋ + 1, …, filters]`, where the window of `k` weights is `(k - 1) ·
 * dilation + 1` high.
 * @throws {RangeError} If the shapes don't fit each other or a setting is invalid.
 * @throws {TypeError} If a tensor was disposed, is one of another backend, or has elements of another type.
 */
export function conv2d(x: Tensor, filter: Tensor, options: Conv2dOptions = {}): Tensor {
  const { groups = 1 } = options;
  const input = openFloats("conv2d", x);
  const weights = openFloats("conv2d", filter);
  const bias = options.bias && openFloats("conv2d", options.bias);
  const shapes = [input.shape, weights.shape];
  if (input.rank !== 4) refuse("conv2d", shapes, "it takes images as [n, height, width, channels]");
  if (weights.rank !== 4 || weights.size === 0) {
    refuse("conv2d", shapes, "it takes a filter as [height, width, channels / groups, filters]");
  }
  const [batch = 0, height = 0, width = 0, channels = 0] = input.shape;
  const [down = 0, across = 0, depth = 0, filters = 0] = weights.shape;
  if (!Number.isInteger(groups) || groups < 1 || depth * groups !== channels || filters % groups) {
    refuse(
      "conv2d",
      shapes,
      `${channels} channels don't fit filters of ${depth} in groups of ${groups}`,
    );
  }
  if (bias && (bias.rank !== 1 || bias.size !== filters)) {
    refuse("conv2d", [...shapes, bias.shape], `it takes a bias of ${filters}, one for each filter`);
  }
  const strides = resolvePair("conv2d", "strides", options.strides ?? 1);
  const dilation = resolvePair("conv2d", "dilation", options.dilation ?? 1);
  const window = [(down - 1) * dilation[0] + 1, (across - 1) * dilation[1] + 1] as const;
  const padding = resolvePadding("conv2d", options.padding ?? 0, [height, width], window, strides);
  const [top, bottom, left, right] = padding;
  const output = [
    Math.floor((height + top + bottom - window[0]) / strides[0]) + 1,
    Math.floor((width + left + right - window[1]) / strides[1]) + 1,
  ] as const;
  if (output[0] < 1 || output[1] < 1) {
    refuse(
      "conv2d",
      shapes,
      `a window of ${window[0]} x ${window[1]} is larger than the padded image`,
    );
  }
  const shape = [batch, ...output, filters];
  if (input.size === 0) {
    return fromTfjs(makeConstant({ input, weights, bias: bias ?? weights }, shape));
  }
  const convolution: Convolution = { strides, dilation, padding, groups };
  if (bias && hasKernel(FUSED_CONV2D) && groups === 1 && Math.max(...dilation) === 1) {
    const attrs = { relu: false, strides: [...strides], pad: toKernelPadding(padding) };
    return fromTfjs(run(FUSED_CONV2D, { x: input, filter: weights, bias }, attrs));
  }
  const product = groups === 1
    ? convolve(input, weights, convolution)
    : convolveInGroups(input, weights, convolution);
  if (!bias) return fromTfjs(product);
  const y = addBias(product, bias, false);
  product.dispose();
  return fromTfjs(y);
}
