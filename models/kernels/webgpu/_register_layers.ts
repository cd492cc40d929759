import * as tf from "@tensorflow/tfjs-core";
import { computeAdjacentSum } from "../definitions/_adjacent_sum.ts";
import {
  ACTIVATION,
  ACTIVATION_GRADIENT,
  BATCH_NORM_GRADIENT,
  BATCH_STATISTICS,
  CENTERED_PRODUCTS,
  CENTERED_SQUARES,
  COMBINE,
  LEAKY_RELU_GRADIENT,
  RECTIFIED_COMBINE,
  RECTIFIED_PRODUCTS,
  RECTIFIED_SCALE_AND_SHIFT,
  RELU6_GRADIENT,
  RELU_GRADIENT,
  REPEAT,
  RUNNING_FACTORS,
  RUNNING_STATISTICS,
  SCALE_AND_SHIFT,
} from "../definitions/_kernel_names.ts";
import { computeWindows } from "../definitions/_pool_windows.ts";
import { accelerate } from "./_accelerate.ts";
import { activate, computeActivationGradient } from "./_activations.ts";
import { combineNumbers } from "./_arithmetic.ts";
import { computeAvgPoolGradient, takeMeans } from "./_avg_pool.ts";
import {
  computeBatchNormGradient,
  measureBatch,
  sumCenteredProducts,
  sumCenteredSquares,
} from "./_batch_norm.ts";
import { sumMatrices } from "./sums/_channel_sums.ts";
import { combine, scaleAndShift } from "./_channels.ts";
import { cut, join } from "./_join.ts";
import { isMasked, markRectified } from "./_rectified.ts";
import { registerDepthwise, registerDepthwiseGradients } from "./_register_depthwise.ts";
import { approachStatistics, computeRunningFactors } from "./_running_statistics.ts";
import { repeat, repeatRows } from "./_transpose.ts";
import { areFloats, withFloats } from "./device/_floats.ts";
import { shareTensor } from "./device/_gpu_backend.ts";

/** Registers the programs of what networks have besides products: normalization, activations, pools, joints, depthwise filters. */
export function registerLayers(): void {
  registerBatchNorm();
  registerActivations();
  registerArithmetic();
  registerPools();
  registerDepthwise();
  registerDepthwiseGradients();
  registerShapes();
}

function registerBatchNorm(): void {
  accelerate(
    CENTERED_SQUARES,
    (backend, { inputs }) =>
      withFloats(backend, inputs, ({ x, mean }) => sumCenteredSquares(backend, x, mean)),
  );
  accelerate(
    CENTERED_PRODUCTS,
    (backend, { inputs }) =>
      withFloats(backend, inputs, ({ dy, x, mean }) => sumCenteredProducts(backend, dy, x, mean)),
  );
  accelerate(
    SCALE_AND_SHIFT,
    (backend, { inputs }) =>
      withFloats(backend, inputs, ({ x, scale, shift }) => scaleAndShift(backend, x, scale, shift)),
  );
  accelerate(
    COMBINE,
    (backend, { inputs }) =>
      withFloats(
        backend,
        inputs,
        ({ shift: offset, ...rest }) => combine(backend, { ...rest, offset }),
      ),
  );
  accelerate(
    RECTIFIED_SCALE_AND_SHIFT,
    (backend, { inputs, attrs: { rectifier } }) =>
      withFloats(
        backend,
        inputs,
        ({ x, scale, shift }) => scaleAndShift(backend, x, scale, shift, rectifier),
      ),
  );
  accelerate(
    RECTIFIED_PRODUCTS,
    (backend, { inputs, attrs: { rectifier } }) =>
      withFloats(
        backend,
        inputs,
        ({ dy, x, mean, scale, shift }) =>
          sumCenteredProducts(backend, dy, x, mean, { rectifier, scale, shift }),
      ),
  );
  accelerate(
    RECTIFIED_COMBINE,
    (backend, { inputs, attrs: { rectifier } }) =>
      withFloats(
        backend,
        inputs,
        ({ shift, ...inputs }) =>
          combine(backend, inputs, { rectifier, scale: inputs.scale, shift }),
      ),
  );
  accelerate(
    BATCH_STATISTICS,
    (backend, { inputs, attrs: { epsilon } }) =>
      withFloats(
        backend,
        inputs,
        ({ x, weight, bias }) => measureBatch(backend, x, weight, bias, epsilon),
      ),
  );
  accelerate(
    BATCH_NORM_GRADIENT,
    (backend, { inputs, attrs }) =>
      withFloats(backend, inputs, (inputs) => computeBatchNormGradient(backend, inputs, attrs)),
  );
  accelerate(
    RUNNING_FACTORS,
    (backend, { inputs, attrs: { epsilon } }) =>
      withFloats(backend, inputs, (inputs) => computeRunningFactors(backend, inputs, epsilon)),
  );
  accelerate(
    RUNNING_STATISTICS,
    (backend, { inputs, attrs }) =>
      withFloats(backend, inputs, (inputs) => approachStatistics(backend, inputs, attrs)),
  );
}

function registerActivations(): void {
  accelerate("Relu", (backend, { inputs: { x } }) => {
    if (!areFloats(backend, x)) return undefined;
    const y = activate(backend, x, "relu");
    markRectified(y);
    return y;
  });
  // What comes after it may have left nothing to do.
  accelerate(
    RELU_GRADIENT,
    (backend, { inputs: { x, dy } }) => isMasked(dy, x) ? shareTensor(backend, dy) : undefined,
  );
  accelerate(
    "Relu6",
    (backend, { inputs: { x } }) =>
      areFloats(backend, x) ? activate(backend, x, "relu6") : undefined,
  );
  accelerate(
    "LeakyRelu",
    (backend, { inputs: { x }, attrs: { alpha } }) =>
      areFloats(backend, x) ? activate(backend, x, "leakyRelu", alpha) : undefined,
  );
  accelerate(
    ACTIVATION,
    (backend, { inputs, attrs: { kind } }) =>
      withFloats(backend, inputs, ({ x }) => activate(backend, x, kind)),
  );
  accelerate(
    RELU6_GRADIENT,
    (backend, { inputs }) =>
      withFloats(
        backend,
        inputs,
        ({ x, dy }) => computeActivationGradient(backend, x, dy, "relu6"),
      ),
  );
  accelerate(
    LEAKY_RELU_GRADIENT,
    (backend, { inputs, attrs: { alpha } }) =>
      withFloats(
        backend,
        inputs,
        ({ x, dy }) => computeActivationGradient(backend, x, dy, "leakyRelu", alpha),
      ),
  );
  accelerate(
    ACTIVATION_GRADIENT,
    (backend, { inputs, attrs: { kind } }) =>
      withFloats(backend, inputs, ({ x, dy }) => computeActivationGradient(backend, x, dy, kind)),
  );
}

function registerArithmetic(): void {
  for (const [name, operator] of [["Add", "+"], ["Multiply", "*"]] as const) {
    accelerate(name, (backend, { inputs: { a, b } }) => {
      if (!areFloats(backend, a, b)) return undefined;
      return combineNumbers(backend, a, b, operator) ?? combineNumbers(backend, b, a, operator);
    });
  }
}

function registerPools(): void {
  accelerate(
    "AvgPool",
    (backend, { inputs: { x }, attrs }) =>
      areFloats(backend, x) ? takeMeans(backend, x, computeWindows(x.shape, attrs)) : undefined,
  );
  accelerate(
    "AvgPoolGrad",
    (backend, { inputs: { dy, input }, attrs }) =>
      areFloats(backend, dy)
        ? computeAvgPoolGradient(backend, dy, computeWindows(input.shape, attrs))
        : undefined,
  );
  for (const [name, isMean] of [["Mean", true], ["Sum", false]] as const) {
    accelerate(name, (backend, { inputs: { x }, attrs }) => {
      const sum = areFloats(backend, x) ? computeAdjacentSum(x.shape, attrs) : undefined;
      return sum && sumMatrices(backend, x, sum.shape, sum, isMean ? 1 / sum.rows : 1);
    });
  }
}

function registerShapes(): void {
  accelerate("Concat", (backend, { inputs, attrs }) => {
    const tensors = Object.values(inputs);
    const [first] = tensors;
    if (!first || tensors.length < 2 || !areFloats(backend, ...tensors)) return undefined;
    const [axis = 0] = tf.util.parseAxisParam(attrs.axis, first.shape);
    return join(backend, tensors, axis);
  });

  accelerate(
    REPEAT,
    (backend, { inputs, attrs: { rows } }) =>
      withFloats(backend, inputs, ({ x }) => {
        const [batch = 0, , columns = 0] = x.shape;
        return repeatRows(backend, x, [batch, rows, columns], columns, rows);
      }),
  );

  accelerate(
    "Tile",
    (backend, { inputs: { x }, attrs: { reps } }) =>
      areFloats(backend, x) && !reps.includes(0) ? repeat(backend, x, reps) : undefined,
  );

  accelerate("Slice", (backend, { inputs: { x }, attrs }) => {
    if (!areFloats(backend, x)) return undefined;
    const [begin = [], size = []] = tf.slice_util.parseSliceParams(x, attrs.begin, attrs.size);
    const axes = x.shape.flatMap((length, d) => size[d] === length ? [] : [d]);
    const [axis] = axes;
    // One that takes all or nothing, or cuts along several, is left to tfjs.
    if (axis === undefined || axes.length > 1 || size.includes(0)) return undefined;
    return cut(backend, x, axis, begin[axis]!, size[axis]!);
  });
}
