import type { Epilogue } from "../ops/_epilogue.ts";
import type { Key } from "../random/key.ts";
import type { Either } from "../types/either.ts";
import type { Params, Tensor } from "../types/tensor.ts";
import type { ShapeError } from "./shape_error.ts";

export type { DropoutMask, Epilogue } from "../ops/_epilogue.ts";

/** A description of a layer. Nothing is allocated until it is built, and then only by `init`. */
export interface Layer {
  /** The layer with its settings, for people. */
  readonly description: string;
  /**
   * Builds the layer for an input shape (one example's, without the batch) under a name.
   *
   * @param inputShape The shape of one input example.
   * @param name The layer's name in the network.
   * @returns The built layer, or the error that names the layer and what it needs.
   */
  build(inputShape: readonly number[], name: string): Either<ShapeError, BuiltLayer>;
}

/** A layer that has been built for an input shape. */
export interface BuiltLayer {
  /** The shape of one output example. */
  readonly outputShape: readonly number[];
  /** The layers without children that it consists of, in order. */
  readonly layers: readonly LayerSummary[];
  /** The parameters that it learns, in order. */
  readonly parameters: readonly ParameterSpec[];
  /**
   * Maps a batch of inputs, `[size, ...inputShape]`, to a batch of outputs. A layer that has nothing to do gives the input
   * itself. Throws a `RangeError` for an empty batch, or one of another shape, before anything is computed.
   */
  apply(params: Params, input: Tensor, context: ApplyContext): Tensor;
  /** Does the same as `apply` with an epilogue after it. Only a layer that ends with a product has it. */
  applyWith?(params: Params, input: Tensor, context: ApplyContext, epilogue: Epilogue): Tensor;
  /** Gives the layer as an epilogue of the one before it. Only a layer that can be one has it. */
  epilogue?(context: ApplyContext): Epilogue;
}

/** The circumstances of a forward pass, besides parameters and input. */
export interface ApplyContext {
  /** Whether layers behave as in training (dropout drops) or as in use. */
  readonly training: boolean;
  /** The key of everything random in this pass. */
  readonly key: Key;
  /** The number of the whole batch's examples before the first of the input, where that is a part of it; 0 by default. */
  readonly first?: number;
}

/** The facts of a built layer that are known without running it. */
export interface LayerSummary {
  /** The layer's name in the network, such as `conv.0`. */
  readonly name: string;
  /** The layer with its settings. */
  readonly layer: string;
  /** The shape of its output for one example: `[height, width, channels]` or `[features]`. */
  readonly outputShape: readonly number[];
  /** The number of elements that it learns. */
  readonly parameters: number;
  /** Floating-point operations of a forward pass for one example; a multiplication with its addition counts as two. */
  readonly flops: number;
}

/** One parameter of a network: its name and its layout at rest and in memory. */
export interface ParameterSpec {
  /** PyTorch's name, such as `conv.0.weight`. */
  readonly name: string;
  /** The shape at rest, PyTorch's: OIHW for a convolution, out × in for a linear layer. */
  readonly shape: readonly number[];
  /** The dimension at rest that each dimension in memory is: `[2, 3, 1, 0]` for OIHW at rest and HWIO in memory. */
  readonly order: readonly number[];
  /** Whether it is a weight or a bias, which initializers treat differently. */
  readonly role: "weight" | "bias";
  /** The number of inputs that one output sums over. */
  readonly fanIn: number;
  /** The number of outputs that one input reaches. */
  readonly fanOut: number;
}
