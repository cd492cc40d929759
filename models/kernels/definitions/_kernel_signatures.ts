import type * as tf from "@tensorflow/tfjs-core";
import type { ConvolutionAttrs } from "./_convolution_info.ts";
import type {
  ACTIVATION,
  ACTIVATION_GRADIENT,
  ActivationAttrs,
  ActivationGradientAttrs,
  ADD_BIAS,
  ADD_BIAS_GRADIENTS,
  ADD_TO,
  AddBiasAttrs,
  AddBiasGradientsAttrs,
  BATCH_NORM_GRADIENT,
  BATCH_STATISTICS,
  BatchNormAttrs,
  BatchNormGradientAttrs,
  BLOCK_SUMS,
  BlockSumsAttrs,
  CENTERED_PRODUCTS,
  CENTERED_SQUARES,
  COMBINE,
  CROSS_ENTROPY,
  CrossEntropyAttrs,
  DROPOUT,
  DropoutAttrs,
  FILTER_GRADIENT_ROWS,
  FilterGradientRowsAttrs,
  FUSED_CONV2D,
  FUSED_LINEAR,
  FusedAttrs,
  IMAGE_INPUT,
  ImageInputAttrs,
  LEAKY_RELU_GRADIENT,
  LeakyReluAttrs,
  MAX_POOL,
  MAX_POOL_GRADIENT,
  MULTIPLY_COLUMNS,
  MultiplyColumnsAttrs,
  RECTIFIED_COMBINE,
  RECTIFIED_PRODUCTS,
  RECTIFIED_SCALE_AND_SHIFT,
  RectifierAttrs,
  RELU6_GRADIENT,
  RELU_GRADIENT,
  REPEAT,
  RepeatAttrs,
  RUNNING_FACTORS,
  RUNNING_STATISTICS,
  RunningAttrs,
  SCALE_AND_SHIFT,
} from "./_kernel_names.ts";
import type { PoolAttrs } from "./_pool_windows.ts";
import type {
  FIND_OVERFLOW,
  NEXT_SCALE,
  SUM_OF_SQUARES,
  UpdateAttrs,
  UPDATES,
} from "./_updates.ts";

/** The shape of images or of a filter. */
export type Shape4D = [number, number, number, number];

/** The tensors and the attributes of one kernel. */
interface Signature<Input extends string, Attrs extends object = object> {
  readonly inputs: Readonly<Record<Input, tf.TensorInfo>>;
  readonly attrs: Attrs;
}

/** Numbered tensors, of which some may be missing. */
interface NumberedSignature<Attrs extends object> {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: Attrs;
}

/** Tensors and attributes by the kernel's name, for every kernel that is registered here: tfjs hands them over untyped. */
export interface KernelSignatures {
  // tfjs's own.
  Add: Signature<"a" | "b">;
  ArgMax: Signature<"x", { readonly axis: number }>;
  ArgMin: Signature<"x", { readonly axis: number }>;
  AvgPool: Signature<"x", PoolAttrs>;
  AvgPoolGrad: Signature<"dy" | "input", PoolAttrs>;
  BatchMatMul: Signature<
    "a" | "b",
    { readonly transposeA: boolean; readonly transposeB: boolean }
  >;
  ClipByValue: Signature<
    "x",
    { readonly clipValueMin: number; readonly clipValueMax: number }
  >;
  Concat: {
    /** Numbered. */
    readonly inputs: readonly tf.TensorInfo[];
    readonly attrs: { readonly axis: number };
  };
  Conv2D: Signature<"x" | "filter", ConvolutionAttrs>;
  /** With the input too, if it is known: what rectified it may be done with its gradient then. */
  Conv2DBackpropInput: {
    readonly inputs: Signature<"dy" | "filter">["inputs"] & { readonly x?: tf.TensorInfo };
    readonly attrs: ConvolutionAttrs & { readonly inputShape: Shape4D };
  };
  Conv2DBackpropFilter: Signature<
    "x" | "dy",
    ConvolutionAttrs & { readonly filterShape: Shape4D }
  >;
  DepthwiseConv2dNative: Signature<"x" | "filter", ConvolutionAttrs>;
  DepthwiseConv2dNativeBackpropInput: Signature<
    "dy" | "filter",
    ConvolutionAttrs & { readonly inputShape: Shape4D }
  >;
  DepthwiseConv2dNativeBackpropFilter: Signature<
    "x" | "dy",
    ConvolutionAttrs & { readonly filterShape: Shape4D }
  >;
  Identity: Signature<"x">;
  LeakyRelu: Signature<"x", LeakyReluAttrs>;
  MaxPool: Signature<"x", PoolAttrs>;
  MaxPoolGrad: Signature<"dy" | "input" | "output", PoolAttrs>;
  Maximum: Signature<"a" | "b">;
  Mean: Signature<"x", { readonly axis: number | number[]; readonly keepDims: boolean }>;
  Minimum: Signature<"a" | "b">;
  Multiply: Signature<"a" | "b">;
  Relu: Signature<"x">;
  Relu6: Signature<"x">;
  Sign: Signature<"x">;
  Slice: Signature<"x", { readonly begin: number | number[]; readonly size: number | number[] }>;
  Sum: Signature<"x", { readonly axis: number | number[]; readonly keepDims: boolean }>;
  Tanh: Signature<"x">;
  Tile: Signature<"x", { readonly reps: readonly number[] }>;
  Transpose: Signature<"x", { readonly perm: readonly number[] }>;

  // Rill's.
  [ACTIVATION]: Signature<"x", ActivationAttrs>;
  [ACTIVATION_GRADIENT]: Signature<"x" | "dy", ActivationGradientAttrs>;
  [ADD_BIAS]: Signature<"x" | "bias", AddBiasAttrs>;
  [ADD_BIAS_GRADIENTS]: Signature<"dy" | "y", AddBiasGradientsAttrs>;
  [ADD_TO]: Signature<"sum" | "x">;
  [BLOCK_SUMS]: Signature<"x", BlockSumsAttrs>;
  [CENTERED_SQUARES]: Signature<"x" | "mean">;
  [CENTERED_PRODUCTS]: Signature<"dy" | "x" | "mean">;
  [SCALE_AND_SHIFT]: Signature<"x" | "scale" | "shift">;
  [COMBINE]: Signature<"dy" | "scale" | "x" | "slope" | "shift">;
  [BATCH_STATISTICS]: Signature<"x" | "weight" | "bias", BatchNormAttrs>;
  [BATCH_NORM_GRADIENT]: Signature<
    "dy" | "x" | "mean" | "variance" | "scale" | "shift",
    BatchNormGradientAttrs
  >;
  [RUNNING_FACTORS]: Signature<"mean" | "variance" | "weight" | "bias", BatchNormAttrs>;
  [RUNNING_STATISTICS]: Signature<
    "runningMean" | "runningVariance" | "tracked" | "mean" | "variance",
    RunningAttrs
  >;
  [UPDATES]: NumberedSignature<UpdateAttrs>;
  [SUM_OF_SQUARES]: NumberedSignature<object>;
  [FIND_OVERFLOW]: NumberedSignature<object>;
  [NEXT_SCALE]: Signature<"scaling">;
  [CROSS_ENTROPY]: {
    readonly inputs: Signature<"logits" | "labels">["inputs"] & {
      readonly scaling?: tf.TensorInfo;
    };
    readonly attrs: CrossEntropyAttrs;
  };
  [DROPOUT]: Signature<"x", DropoutAttrs>;
  [IMAGE_INPUT]: Signature<never, ImageInputAttrs>;
  [MAX_POOL]: Signature<"x", PoolAttrs>;
  [MAX_POOL_GRADIENT]: Signature<"dy" | "x" | "y" | "winners", PoolAttrs>;
  [FILTER_GRADIENT_ROWS]: Signature<"x" | "dy", ConvolutionAttrs & FilterGradientRowsAttrs>;
  [MULTIPLY_COLUMNS]: Signature<"x" | "weight", MultiplyColumnsAttrs>;
  [RELU_GRADIENT]: Signature<"x" | "dy">;
  [RELU6_GRADIENT]: Signature<"x" | "dy">;
  [LEAKY_RELU_GRADIENT]: Signature<"x" | "dy", LeakyReluAttrs>;
  [RECTIFIED_SCALE_AND_SHIFT]: Signature<"x" | "scale" | "shift", RectifierAttrs>;
  [RECTIFIED_PRODUCTS]: Signature<"dy" | "x" | "mean" | "scale" | "shift", RectifierAttrs>;
  [RECTIFIED_COMBINE]: Signature<
    "dy" | "scale" | "x" | "slope" | "offset" | "shift",
    RectifierAttrs
  >;
  [REPEAT]: Signature<"x", RepeatAttrs>;
  [FUSED_CONV2D]: Signature<"x" | "filter" | "bias", FusedAttrs>;
  [FUSED_LINEAR]: Signature<"x" | "filter" | "bias", FusedAttrs>;
  /** `dy, x, filter` to the gradient for `x`. */
  RillFusedConv2DInputGradient: Signature<"dy" | "x" | "filter", FusedAttrs>;
  RillFusedLinearInputGradient: Signature<"dy" | "x" | "filter", FusedAttrs>;
  /** `dy, x, filter` to the gradients for the filter and for the bias. */
  RillFusedConv2DParameterGradients: Signature<"dy" | "x" | "filter", FusedAttrs>;
  RillFusedLinearParameterGradients: Signature<"dy" | "x" | "filter", FusedAttrs>;
  /** `dy, y` to the gradient for what came before ReLU. */
  RillFusedMask: Signature<"dy" | "y">;
}
