/**
 * Layers, and the one way to make them.
 *
 * @module
 */

import type { Key } from "../random/key.ts";
import type { Tensor } from "../types/tensor.ts";
import type { FileNames, ParameterSpec, VariableSpec } from "./variable_spec.ts";

export type { Key } from "../random/key.ts";
export type { Tensor } from "../types/tensor.ts";
export type { Initializer } from "./initializers.ts";
export type { FileNames, ParameterSpec, VariableSpec } from "./variable_spec.ts";

/** The shape of one example, without the batch: `[height, width, channels]`, `[features]`, or any other. */
export type Shape = readonly number[];

/** A description of a layer: a plain value. Nothing is allocated until it is built, and then only by `init`. */
export interface Layer {
  /** The layer with its settings, for people; `[]` stands for an input shape that isn't known. */
  describe(input: Shape): string;
  /** Plans the layer for an input shape, or says in words what shape it needs. */
  plan(input: Shape, sub: Sub): Plan<string, string> | string;
}

/** The circumstances of a forward pass. A layer hands them on to its children, as they are or changed by `{ ...pass }`. */
export interface Pass {
  /** Whether layers behave as in training (dropout drops, batch statistics are taken) or as in use. */
  readonly training: boolean;
  /** The key of everything random in this layer and pass. Each child gets one of its own. */
  readonly key: Key;
  /** The number of the whole batch's examples before the first of the input, which may be a part of it. */
  readonly first: number;
  /** The number of the whole batch's examples. */
  readonly size: number;
  /**
   * Sums over the examples of the whole batch: `[n, …]`, the numbers of the examples that are here, to `[…]`, in an order that
   * doesn't depend on the parts that the batch comes in. It has a gradient. Every part of a batch must make the same calls.
   */
  sumOverBatch(x: Tensor): Tensor;
}

/** A layer that has been built into a parent: a batch of inputs, `[n, …input]`, to a batch of outputs. */
export type Built = ((x: Tensor, pass: Pass) => Tensor) & {
  /** The shape of one output example. */
  readonly outputShape: Shape;
};

/**
 * Builds a layer as a child: under a name, which is a part of its variables' names (`""` adds nothing), and for an input
 * shape. The child finds its own variables in the pass. Children are given keys in the order in which they are built.
 */
export type Sub = (name: string, layer: Layer, input: Shape) => Built;

/** What a layer is for one input shape. */
export interface Plan<P extends string = never, B extends string = never> {
  /** The shape of one output example. */
  readonly outputShape: Shape;
  /** The layer's own parameters, in order, without those of its children. One that is `undefined` doesn't exist. */
  readonly params?: { readonly [Name in P]: ParameterSpec | undefined };
  /** The layer's own buffers, in order. One that is `undefined` doesn't exist. */
  readonly buffers?: { readonly [Name in B]: VariableSpec | undefined };
  /** What the layer computes, for programs that read networks: a type of the field, such as `conv2d`, and its settings. */
  readonly kind?: LayerKind;
  /** What it knows of tensors in files of its weights that are called otherwise, or that it does without. */
  readonly fileNames?: FileNames;
  /** Floating-point operations of a forward pass for one example; a multiplication with its addition counts as two. */
  readonly flops?: number;
  /**
   * Maps a batch of inputs to a batch of outputs, with the layer's own tensors by their names. In training a layer with buffers
   * gives their next values beside the output.
   */
  apply(
    x: Tensor,
    own: { readonly [Name in P | B]: Tensor },
    pass: Pass,
  ): Tensor | Applied<B>;
}

/** The output of a layer, and the next values of its buffers. */
export interface Applied<B extends string = string> {
  /** The batch of outputs. */
  readonly output: Tensor;
  /** Each buffer's next value, by its name. */
  readonly buffers: { readonly [Name in B]?: Tensor };
}

/** What a layer computes, for programs that read networks. */
export interface LayerKind {
  /** The type, such as `conv2d`. */
  readonly type: string;
  /** The settings by their names, such as `{ kernelSize: 3 }`. */
  readonly attributes: Readonly<Record<string, number | string | boolean | readonly number[]>>;
}

/**
 * Makes a layer: its description, and the function that plans it for an input shape. All of Rill's layers are made so, those
 * with parameters and those with children. The names of a layer's own tensors are its type arguments: `layer<"weight" | "bias">`.
 *
 * @example A layer with a parameter: a learned factor for each channel
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, constant, layer } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const scale = () =>
 *   layer<"weight">("Scale()", (input) => ({
 *     outputShape: input,
 *     params: { weight: { shape: input.slice(-1), initializer: constant(1) } },
 *     apply: (x, { weight }) => ops.multiply(x, weight),
 *   }));
 *
 * const network = build(scale(), [8, 8, 3]);
 * assert(network._tag === "Right");
 * assertEquals(network.right.parameters.map(({ name, shape }) => [name, shape]), [["weight", [3]]]);
 * ```
 *
 * @example A layer with children: what goes in is added to what comes out
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, type Layer, layer, linear } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const skip = (body: Layer) =>
 *   layer("Skip()", (input, sub) => {
 *     const built = sub("body", body, input);
 *     if (`${built.outputShape}` !== `${input}`) return "a body that keeps the shape";
 *     return { outputShape: input, apply: (x, _, pass) => ops.add(x, built(x, pass)) };
 *   });
 *
 * const network = build(skip(linear(3)), [3]);
 * assert(network._tag === "Right");
 * assertEquals(network.right.parameters.map(({ name }) => name), ["body.weight", "body.bias"]);
 * const wrong = build(skip(linear(2)), [3]);
 * assert(wrong._tag === "Left");
 * ```
 *
 * @typeParam P The names of its parameters.
 * @typeParam B The names of its buffers.
 * @param description The layer with its settings, for people, as a text or for an input shape, which is `[]` where none is
 * known.
 * @param plan Gives the layer's plan for an input shape, or says in words what shape it needs.
 * @returns The layer.
 */
export function layer<P extends string = never, B extends string = never>(
  description: string | ((input: Shape) => string),
  plan: (input: Shape, sub: Sub) => Plan<P, B> | string,
): Layer {
  return {
    describe: typeof description === "string" ? () => description : description,
    plan: plan as Layer["plan"],
  };
}
