import { accelerate } from "./_accelerate.ts";
import { isRectified, markMasked } from "./_rectified.ts";
import { transpose } from "./_transpose.ts";
import { areFloats } from "./device/_floats.ts";
import {
  convolve,
  convolveFilterGradient,
  convolveInputGradient,
} from "./convolutions/_convolution.ts";
import { describeConvolution } from "./convolutions/_shape.ts";
import { matmul } from "./gemm/_matmul.ts";

/** Registers programs in the place of tfjs's: products, convolutions and their gradients. */
export function registerPrograms(): void {
  accelerate(
    "BatchMatMul",
    (backend, { inputs: { a, b }, attrs: { transposeA, transposeB } }) =>
      areFloats(backend, a, b) ? matmul(backend, a, b, transposeA, transposeB) : undefined,
  );

  accelerate("Conv2D", (backend, { inputs: { x, filter }, attrs }) => {
    const shape = describeConvolution(x.shape, filter.shape, attrs);
    return shape && areFloats(backend, x, filter) && !shape.output.includes(0)
      ? convolve(backend, x, filter, shape)
      : undefined;
  });

  accelerate("Conv2DBackpropInput", (backend, { inputs: { dy, filter, x }, attrs }) => {
    const shape = describeConvolution(attrs.inputShape, filter.shape, attrs);
    if (!shape || !areFloats(backend, dy, filter)) return undefined;
    if (!x || !isRectified(x)) return convolveInputGradient(backend, dy, filter, shape);
    const dx = convolveInputGradient(backend, dy, filter, shape, {
      kind: "mask",
      mask: x,
      scale: 1,
    });
    markMasked(dx, x);
    return dx;
  });

  accelerate("Conv2DBackpropFilter", (backend, { inputs: { x, dy }, attrs }) => {
    const shape = describeConvolution(x.shape, attrs.filterShape, attrs);
    return shape && areFloats(backend, x, dy)
      ? convolveFilterGradient(backend, x, dy, shape)
      : undefined;
  });

  accelerate(
    "Transpose",
    (backend, { inputs: { x }, attrs: { perm } }) =>
      areFloats(backend, x) ? transpose(backend, x, perm) : undefined,
  );
}
