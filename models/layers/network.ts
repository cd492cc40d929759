import type { Key } from "../random/key.ts";
import type { Params, Tensor, Variables } from "../types/tensor.ts";
import type { InitializerName } from "./initializers.ts";
import type { LayerKind, Pass, Shape } from "./layer.ts";
import type { FileNames, NamedParameterSpec, NamedSpec } from "./variable_spec.ts";

/** A model built for an input shape: a pair of pure functions, and facts about them. */
export interface Network {
  /** The shape of one input example. */
  readonly inputShape: Shape;
  /** The shape of one output example. */
  readonly outputShape: Shape;
  /** The parameters that it learns, in order. */
  readonly parameters: readonly NamedParameterSpec[];
  /** The buffers that training passes renew, in order. */
  readonly buffers: readonly NamedSpec[];
  /** What its layers know of tensors in files of its weights that are called otherwise, or that it does without. */
  readonly fileNames?: FileNames;
  /** The network as a tree of layers. */
  readonly root: LayerNode;
  /** The layers of that tree that have no children, or parameters or buffers of their own, in order. */
  readonly layers: readonly LayerNode[];
  /**
   * Draws the parameters, and gives the buffers their first values.
   *
   * @param key The key of the draw; the same key gives the same parameters on every backend.
   * @param initializer The distribution of the parameters whose layer doesn't say it, `"pytorch"` by default.
   * @returns New tensors, owned by the caller.
   */
  init(key: Key, initializer?: InitializerName): Variables;
  /**
   * Maps a batch of inputs, `[size, ...inputShape]`, to a batch of outputs. A network that has nothing to do gives the input
   * itself.
   *
   * @param variables The parameters and buffers; they stay as they are.
   * @param input The batch.
   * @param pass The circumstances; by default those of use: `training` is false, and the input is a whole batch.
   * @returns The outputs, and the buffers: new ones from training, else those given.
   * @throws {RangeError} If the batch is empty or of another shape, a variable is missing, or a step has consumed them.
   */
  apply(variables: Variables, input: Tensor, pass?: Partial<Pass>): NetworkOutput;
}

/** What a network gives for a batch. */
export interface NetworkOutput {
  /** The batch of outputs. */
  readonly output: Tensor;
  /** All buffers: those that the pass has renewed, and the others as they were. */
  readonly buffers: Params;
}

/** The facts of a built layer that are known without running it. */
export interface LayerNode {
  /** The layer's name in the network, such as `conv.0`. */
  readonly name: string;
  /** The layer with its settings. */
  readonly layer: string;
  /** What it computes, for programs, where it says so. */
  readonly kind?: LayerKind;
  /** The shape of its input for one example. */
  readonly inputShape: Shape;
  /** The shape of its output for one example: `[height, width, channels]` or `[features]`. */
  readonly outputShape: Shape;
  /** The number of elements that it learns itself, without its children. */
  readonly parameters: number;
  /** The number of elements of its own buffers. */
  readonly buffers: number;
  /** Floating-point operations of a forward pass for one example, without its children's. */
  readonly flops: number;
  /** The layers that it is made of, in the order in which they were built. */
  readonly children: readonly LayerNode[];
}
