import { conv2d } from "../layers/conv2d.ts";
import { type Initializer, kaimingNormal } from "../layers/initializers.ts";
import type { Layer } from "../layers/layer.ts";

/** The settings of `convolve` beside its filters and windows. */
interface ConvolveOptions {
  readonly strides?: 1 | 2;
  readonly groups?: number;
  readonly initializer?: Initializer;
}

/**
 * Describes a convolution that pads the image as far as keeps its size, but for strides, and has no bias, which the normalization
 * around it would take away.
 */
export function convolve(
  filters: number,
  kernelSize: 1 | 3 | 7,
  { strides = 1, groups = 1, initializer = kaimingNormal({ fan: "out" }) }: ConvolveOptions = {},
): Layer {
  return conv2d({
    filters,
    kernelSize,
    strides,
    padding: (kernelSize - 1) / 2,
    groups,
    bias: false,
    initializer,
  });
}
