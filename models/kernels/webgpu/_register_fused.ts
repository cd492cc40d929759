import * as tf from "@tensorflow/tfjs-core";
import {
  CROSS_ENTROPY,
  FUSED_CONV2D,
  FUSED_LINEAR,
  type FusedAttrs,
  MAX_POOL,
  MAX_POOL_GRADIENT,
} from "../definitions/_kernel_names.ts";
import { type PoolAttrs, poolWindows } from "../definitions/_pool_windows.ts";
import { accelerate } from "./_accelerate.ts";
import {
  type Convolution,
  convolve,
  convolveFilterGradient,
  convolveInputGradient,
} from "./gemm/_convolution.ts";
import { convolutionOf } from "./gemm/_convolution_of.ts";
import { crossEntropy } from "./_cross_entropy.ts";
import { output } from "./device/_dispatch.ts";
import type { Epilogue } from "./gemm/_epilogue.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";
import { matmul } from "./gemm/_matmul.ts";
import { maxPool, maxPoolWinnersGradient } from "./_max_pool.ts";
import { onFloats } from "./device/_floats.ts";
import { isMasked, isRectified, markMasked, markRectified } from "./_rectified.ts";
import { reluGradient } from "./_relu_gradient.ts";

/** After the product's name: `dy, x, filter` to the gradient for `x`. */
const INPUT_GRADIENT = "InputGradient";
/** After the product's name: `dy, x, filter` to the gradients for the filter and for the bias. */
const PARAMETER_GRADIENTS = "ParameterGradients";
/** `dy, y` to the gradient for what came before ReLU. */
const MASKED = "RillFusedMask";

interface Call {
  readonly x: tf.TensorInfo;
  readonly filter: tf.TensorInfo;
}

/** Registers products with all that follows them in one program, and their gradients. */
export function registerFused(): void {
  for (const [name, product] of [[FUSED_CONV2D, CONV2D], [FUSED_LINEAR, LINEAR]] as const) {
    accelerate(name, (backend, { inputs, attrs }) => {
      const { relu, dropout } = attrs as unknown as FusedAttrs;
      return onFloats(backend, inputs, ({ x, filter, bias }) => {
        const epilogue = { kind: "activate", bias, relu, dropout } as const;
        const y = product.forward(backend, { x, filter }, attrs as unknown as FusedAttrs, epilogue);
        if (relu) markRectified(y);
        return y;
      });
    });

    accelerate(
      `${name}${INPUT_GRADIENT}`,
      (backend, { inputs, attrs }) =>
        onFloats(backend, inputs, ({ dy, x, filter }) => {
          const scale = scaleOf(attrs as unknown as FusedAttrs);
          const mask = isRectified(inputs.x);
          const epilogue = mask
            ? { kind: "mask", mask: x, scale } as const
            : scale === 1
            ? undefined
            : { kind: "scale", scale } as const;
          const dx = product.inputGradient(backend, dy, { x, filter }, attrs as never, epilogue);
          if (mask) markMasked(dx);
          return dx;
        }),
    );

    accelerate(
      `${name}${PARAMETER_GRADIENTS}`,
      (backend, { inputs, attrs }) =>
        onFloats(backend, inputs, ({ dy, x, filter }) => {
          const sums = output(backend, [filter.shape[filter.shape.length - 1]]);
          const epilogue = { kind: "ones", sums, scale: scaleOf(attrs as never) } as const;
          return [
            product.filterGradient(backend, dy, { x, filter }, attrs as never, epilogue),
            sums,
          ];
        }),
    );

    if (!tf.getGradient(name)) registerGradient(name);
  }

  accelerate(MAX_POOL, (backend, { inputs, attrs }) =>
    onFloats(
      backend,
      inputs,
      ({ x }) => maxPool(backend, x, poolWindows(x.shape, attrs as unknown as PoolAttrs)),
    ));

  accelerate(
    MAX_POOL_GRADIENT,
    (backend, { inputs: { x, winners, ...inputs }, attrs }) =>
      onFloats(backend, inputs, ({ dy, y }) => {
        const masks = isRectified(x);
        const windows = poolWindows(x.shape, attrs as unknown as PoolAttrs);
        const dx = maxPoolWinnersGradient(backend, dy, y, winners, windows, masks);
        if (masks) markMasked(dx);
        return dx;
      }),
  );

  accelerate(
    CROSS_ENTROPY,
    (backend, { inputs: { labels, scaling, ...inputs } }) =>
      onFloats(backend, inputs, ({ logits }) => crossEntropy(backend, logits, labels, scaling)),
  );

  accelerate(
    MASKED,
    (backend, { inputs }) => onFloats(backend, inputs, ({ dy, y }) => reluGradient(backend, y, dy)),
  );
}

function registerGradient(kernelName: string): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["x", "filter"],
    outputsToSave: [true],
    gradFunc: (gradient, saved, attrs) => {
      const [x, filter, y] = saved;
      const { relu } = attrs as unknown as FusedAttrs;
      const run = (name: string, inputs: tf.NamedTensorMap) =>
        tf.engine().runKernel(name, inputs, attrs);
      let dy = gradient as tf.Tensor;
      if (relu && !isMasked(dy)) dy = run(MASKED, { dy, y }) as tf.Tensor;
      // At once, since what is computed later is released after each.
      const parameters = run(`${kernelName}${PARAMETER_GRADIENTS}`, { dy, x, filter });
      const [dFilter, dBias] = parameters as tf.Tensor[];
      return {
        x: () => run(`${kernelName}${INPUT_GRADIENT}`, { dy, x, filter }) as tf.Tensor,
        filter: () => dFilter,
        bias: () => dBias,
      };
    },
  });
}

interface Product {
  forward(
    backend: GpuBackend,
    call: Call,
    attrs: FusedAttrs,
    epilogue: Epilogue,
  ): tf.TensorInfo;
  inputGradient(
    backend: GpuBackend,
    dy: tf.TensorInfo,
    call: Call,
    attrs: FusedAttrs,
    epilogue: Epilogue | undefined,
  ): tf.TensorInfo;
  filterGradient(
    backend: GpuBackend,
    dy: tf.TensorInfo,
    call: Call,
    attrs: FusedAttrs,
    epilogue: Epilogue,
  ): tf.TensorInfo;
}

const shapeOf = ({ x, filter }: Call, { strides, pad }: FusedAttrs): Convolution =>
  // Never of a kind that is left to tfjs: layers have no dilations.
  convolutionOf(x.shape, filter.shape, { strides, pad })!;

const CONV2D: Product = {
  forward: (backend, call, attrs, epilogue) =>
    convolve(backend, call.x, call.filter, shapeOf(call, attrs), epilogue),
  inputGradient: (backend, dy, call, attrs, epilogue) =>
    convolveInputGradient(backend, dy, call.filter, shapeOf(call, attrs), epilogue),
  filterGradient: (backend, dy, call, attrs, epilogue) =>
    convolveFilterGradient(backend, call.x, dy, shapeOf(call, attrs), epilogue),
};

const LINEAR: Product = {
  forward: (backend, { x, filter }, _, epilogue) =>
    matmul(backend, x, filter, false, false, epilogue)!,
  inputGradient: (backend, dy, { filter }, _, epilogue) =>
    matmul(backend, dy, filter, false, true, epilogue)!,
  filterGradient: (backend, dy, { x }, _, epilogue) =>
    matmul(backend, x, dy, true, false, epilogue)!,
};

/** By what dropout has scaled all that it kept. */
function scaleOf({ dropout }: FusedAttrs): number {
  return dropout ? 1 / (1 - dropout.rate) : 1;
}
