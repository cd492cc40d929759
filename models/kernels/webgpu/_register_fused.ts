import * as tf from "@tensorflow/tfjs-core";
import {
  FUSED_CONV2D,
  FUSED_LINEAR,
  type FusedAttrs,
  MAX_POOL,
  MAX_POOL_GRADIENT,
} from "../definitions/_kernel_names.ts";
import { computeWindows } from "../definitions/_pool_windows.ts";
import type { KernelName } from "../definitions/_replace_kernel.ts";
import { accelerate } from "./_accelerate.ts";
import { findMaxima, gatherMaxPoolGradient } from "./_max_pool.ts";
import { isMasked, isRectified, markMasked, markRectified } from "./_rectified.ts";
import { computeActivationGradient } from "./_activations.ts";
import { makeOutput } from "./device/_dispatch.ts";
import { withFloats } from "./device/_floats.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";
import {
  convolve,
  convolveFilterGradient,
  convolveInputGradient,
} from "./convolutions/_convolution.ts";
import { type Convolution, describeConvolution } from "./convolutions/_shape.ts";
import type { Epilogue } from "./gemm/_epilogue.ts";
import { matmul } from "./gemm/_matmul.ts";

const MASK = "RillFusedMask";

/** The tensors of a product. */
interface Operands {
  readonly x: tf.TensorInfo;
  readonly filter: tf.TensorInfo;
}

/** A product that an epilogue can follow, and its gradients. */
interface Product {
  multiply(
    backend: GpuBackend,
    operands: Operands,
    attrs: FusedAttrs,
    epilogue: Epilogue,
  ): tf.TensorInfo;
  computeInputGradient(
    backend: GpuBackend,
    dy: tf.TensorInfo,
    operands: Operands,
    attrs: FusedAttrs,
    epilogue: Epilogue | undefined,
  ): tf.TensorInfo;
  computeFilterGradient(
    backend: GpuBackend,
    dy: tf.TensorInfo,
    operands: Operands,
    attrs: FusedAttrs,
    epilogue: Epilogue,
  ): tf.TensorInfo;
}

/** Registers products with all that follows them in one program, pools that keep their winners, and their gradients. */
export function registerFused(): void {
  for (const [name, product] of [[FUSED_CONV2D, CONV2D], [FUSED_LINEAR, LINEAR]] as const) {
    registerProduct(name, product);
  }

  accelerate(MAX_POOL, (backend, { inputs, attrs }) =>
    withFloats(
      backend,
      inputs,
      ({ x }) => findMaxima(backend, x, computeWindows(x.shape, attrs)),
    ));

  accelerate(
    MAX_POOL_GRADIENT,
    (backend, { inputs: { x, winners, dy, y }, attrs }) =>
      withFloats(backend, { dy, y }, ({ dy, y }) => {
        const masks = isRectified(x);
        const windows = computeWindows(x.shape, attrs);
        const dx = gatherMaxPoolGradient(backend, dy, y, winners, windows, masks);
        if (masks) markMasked(dx, x);
        return dx;
      }),
  );

  accelerate(
    MASK,
    (backend, { inputs }) =>
      withFloats(backend, inputs, ({ dy, y }) => computeActivationGradient(backend, y, dy, "relu")),
  );
}

function registerProduct(
  name: typeof FUSED_CONV2D | typeof FUSED_LINEAR,
  product: Product,
): void {
  accelerate(name, (backend, { inputs, attrs }) => {
    const { relu, dropout } = attrs;
    return withFloats(backend, inputs, ({ x, filter, bias }) => {
      const epilogue = { kind: "activate", bias, relu, dropout } as const;
      const y = product.multiply(backend, { x, filter }, attrs, epilogue);
      if (relu) markRectified(y);
      return y;
    });
  });

  accelerate(
    `${name}InputGradient`,
    (backend, { inputs, attrs }) =>
      withFloats(backend, inputs, ({ dy, x, filter }) => {
        const scale = getScale(attrs);
        const masks = isRectified(inputs.x);
        const epilogue = masks
          ? { kind: "mask", mask: x, scale } as const
          : scale === 1
          ? undefined
          : { kind: "scale", scale } as const;
        const dx = product.computeInputGradient(backend, dy, { x, filter }, attrs, epilogue);
        if (masks) markMasked(dx, inputs.x);
        return dx;
      }),
  );

  accelerate(
    `${name}ParameterGradients`,
    (backend, { inputs, attrs }) =>
      withFloats(backend, inputs, ({ dy, x, filter }) => {
        const sums = makeOutput(backend, filter.shape.slice(-1));
        const epilogue = { kind: "ones", sums, scale: getScale(attrs) } as const;
        return [
          product.computeFilterGradient(backend, dy, { x, filter }, attrs, epilogue),
          sums,
        ];
      }),
  );

  if (!tf.getGradient(name)) registerGradient(name);
}

function registerGradient(kernelName: typeof FUSED_CONV2D | typeof FUSED_LINEAR): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["x", "filter"],
    outputsToSave: [true],
    gradFunc: (gradient, saved, attrs) => {
      const [x, filter, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const { relu } = attrs as unknown as FusedAttrs;
      const run = (name: KernelName, inputs: tf.NamedTensorMap) =>
        tf.engine().runKernel(name, inputs, attrs);
      let dy = gradient as tf.Tensor;
      if (relu && !isMasked(dy, y)) dy = run(MASK, { dy, y }) as tf.Tensor;
      // At once, since tfjs releases after each gradient what that has made.
      const parameters = run(`${kernelName}ParameterGradients`, { dy, x, filter });
      const [dFilter, dBias] = parameters as [tf.Tensor, tf.Tensor];
      return {
        x: () => run(`${kernelName}InputGradient`, { dy, x, filter }) as tf.Tensor,
        filter: () => dFilter,
        bias: () => dBias,
      };
    },
  });
}

const CONV2D: Product = {
  multiply: (backend, operands, attrs, epilogue) =>
    convolve(backend, operands.x, operands.filter, describe(operands, attrs), epilogue),
  computeInputGradient: (backend, dy, operands, attrs, epilogue) =>
    convolveInputGradient(backend, dy, operands.filter, describe(operands, attrs), epilogue),
  computeFilterGradient: (backend, dy, operands, attrs, epilogue) =>
    convolveFilterGradient(backend, operands.x, dy, describe(operands, attrs), epilogue),
};

const LINEAR: Product = {
  multiply: (backend, { x, filter }, _, epilogue) =>
    expectProduct(matmul(backend, x, filter, false, false, epilogue)),
  computeInputGradient: (backend, dy, { filter }, _, epilogue) =>
    expectProduct(matmul(backend, dy, filter, false, true, epilogue)),
  computeFilterGradient: (backend, dy, { x }, _, epilogue) =>
    expectProduct(matmul(backend, x, dy, true, false, epilogue)),
};

function describe({ x, filter }: Operands, { strides, pad }: FusedAttrs): Convolution {
  return expectProduct(describeConvolution(x.shape, filter.shape, { strides, pad }));
}

/** Gives what a layer's shapes always have: it has no dilations, and no operands that would be broadcast. */
function expectProduct<T>(product: T | undefined): T {
  if (product === undefined) {
    throw new Error("Cannot fuse a product of a kind that is left to tfjs");
  }
  return product;
}

/** Gives the factor by which dropout has scaled what it kept. */
function getScale({ dropout }: FusedAttrs): number {
  return dropout ? 1 / (1 - dropout.rate) : 1;
}
