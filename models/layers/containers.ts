/**
 * Layers side by side, around others, and from functions.
 *
 * @module
 */

import * as ops from "../ops/mod.ts";
import { countElements, formatShape, isSameShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { checkWord } from "./_check_settings.ts";
import { type Layer, layer, type Pass, type Shape } from "./layer.ts";

export type { Layer, Pass, Shape } from "./layer.ts";
export type { Tensor } from "../types/tensor.ts";

/**
 * Describes a layer that lets its input pass.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, identity } from "@rill/rill/models";
 *
 * const network = build(identity(), [3]);
 * assert(network._tag === "Right");
 * assertEquals(network.right.outputShape, [3]);
 * ```
 *
 * @returns The layer.
 */
export function identity(): Layer {
  return layer("Identity()", (input) => ({
    outputShape: input,
    kind: { type: "identity", attributes: {} },
    apply: (x) => x,
  }));
}

/**
 * Describes a layer that is computed as in use in training too: dropout drops nothing, and batch normalization takes its running
 * statistics and leaves them as they are; PyTorch's `eval()` of a part. Features that are to stay as they are, are `frozen` and
 * in use. The names of variables stay the layer's own.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batchNorm2d, build, getOrThrow, inUse } from "@rill/rill/models";
 *
 * const network = getOrThrow(build(inUse(batchNorm2d()), [4, 4, 2]));
 * assertEquals(network.parameters.map(({ name }) => name), ["weight", "bias"]);
 * ```
 *
 * @param body The layer.
 * @returns The layer in use.
 */
export function inUse(body: Layer): Layer {
  return layer((input) => `InUse(${body.describe(input)})`, (input, sub) => {
    const built = sub("", body, input);
    return {
      outputShape: built.outputShape,
      kind: { type: "inUse", attributes: {} },
      apply: (x, _, pass) => built(x, { ...pass, training: false }),
    };
  });
}

/** Options of {@linkcode lambda}. */
export interface LambdaOptions {
  /**
   * The layer, for people.
   *
   * @default {"Lambda()"}
   */
  readonly description?: string;
  /**
   * Tells the shape of one output example by that of an input example.
   *
   * @default {the same}
   */
  readonly outputShape?: (input: Shape) => Shape;
}

/**
 * Describes a layer without variables by a function of operations.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, lambda } from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const double = lambda((x) => ops.concat([x, x], -1), {
 *   outputShape: ([features = 0]) => [2 * features],
 * });
 * const network = build(double, [3]);
 * assert(network._tag === "Right");
 * assertEquals(network.right.outputShape, [6]);
 * ```
 *
 * @param fn Maps a batch of inputs to a batch of outputs.
 * @param options The description, and the shape of the outputs.
 * @returns The layer.
 */
export function lambda(
  fn: (x: Tensor, pass: Pass) => Tensor,
  { description = "Lambda()", outputShape = (input) => input }: LambdaOptions = {},
): Layer {
  return layer(description, (input) => ({
    outputShape: outputShape(input),
    apply: (x, _, pass) => fn(x, pass),
  }));
}

/** How the outputs of several layers become one. */
export type Combine =
  | "concatenate"
  | "add"
  | {
    /** Makes one batch of outputs of several. */
    readonly apply: (outputs: readonly Tensor[]) => Tensor;
    /** Tells the shape of one output example by those of the layers, or says in words what shapes it needs. */
    readonly outputShape: (shapes: readonly Shape[]) => Shape | string;
  };

/**
 * Describes layers side by side: each is given the same input, and their outputs are concatenated along the channels (the last
 * dimension), added up, or combined by a function. An array names them `0`, `1`, … and a record by its keys.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, conv2d, parallel } from "@rill/rill/models";
 *
 * const network = build(
 *   parallel([
 *     conv2d({ filters: 8, kernelSize: 1 }),
 *     conv2d({ filters: 24, kernelSize: 3, padding: 1 }),
 *   ]),
 *   [9, 9, 3],
 * );
 * assert(network._tag === "Right");
 * assertEquals(network.right.outputShape, [9, 9, 32]);
 * ```
 *
 * @param layers The layers.
 * @param combine How their outputs become one; `"concatenate"` by default.
 * @returns One layer.
 * @throws {RangeError} If there are no layers, or there is no such way to combine them.
 */
export function parallel(
  layers: readonly Layer[] | Readonly<Record<string, Layer>>,
  combine: Combine = "concatenate",
): Layer {
  const entries = Object.entries(layers) as [string, Layer][];
  if (entries.length === 0) throw new RangeError("Cannot describe parallel layers: there are none");
  const { type, outputShape, apply } = toCombination(combine);
  return layer(
    () => `Parallel(${entries.map(([, layer]) => layer.describe([])).join(", ")})`,
    (input, sub) => {
      const children = entries.map(([name, layer]) => sub(name, layer, input));
      const shape = outputShape(children.map((child) => child.outputShape));
      if (typeof shape === "string") return shape;
      return {
        outputShape: shape,
        kind: { type: "parallel", attributes: { combine: type } },
        apply: (x, _, pass) => apply(children.map((child) => child(x, pass))),
      };
    },
  );
}

interface Combination {
  readonly type: string;
  readonly outputShape: (shapes: readonly Shape[]) => Shape | string;
  readonly apply: (outputs: readonly Tensor[]) => Tensor;
}

function toCombination(combine: Combine): Combination {
  const listShapes = (shapes: readonly Shape[]) =>
    shapes.map((shape) => formatShape(shape)).join(" and ");
  if (combine === "add") {
    return {
      type: combine,
      apply: (outputs) => outputs.reduce((sum, x) => ops.add(sum, x)),
      outputShape: (shapes) => {
        const [first = []] = shapes;
        return shapes.every((shape) => isSameShape(shape, first))
          ? first
          : `layers that give the same shape, not ${listShapes(shapes)}`;
      },
    };
  }
  if (combine === "concatenate") {
    return {
      type: combine,
      apply: (outputs) => ops.concat(outputs, -1),
      outputShape: (shapes) => {
        const [first = []] = shapes;
        const place = first.slice(0, -1);
        return shapes.every((shape) => isSameShape(shape.slice(0, -1), place))
          ? [...place, shapes.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0)]
          : `layers whose outputs differ in their channels alone, not ${listShapes(shapes)}`;
      },
    };
  }
  if (typeof combine !== "object") {
    checkWord("parallel layers", "combine", combine, ["concatenate", "add"]);
  }
  return { type: "function", ...combine };
}

/** Options of {@linkcode residual}. */
export interface ResidualOptions {
  /**
   * The layer that the input goes through before it is added, where the body changes its shape.
   *
   * @default {none: the input itself}
   */
  readonly shortcut?: Layer | undefined;
  /**
   * The names of body and shortcut in the names of variables; `""` adds nothing.
   *
   * @default {{ body: "body", shortcut: "shortcut" }}
   */
  readonly names?: { readonly body: string; readonly shortcut: string };
}

/**
 * Describes a residual connection (He et al., 2016): what goes in is added to what comes out of a layer, `body(x) + x`, or
 * `body(x) + shortcut(x)`.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, conv2d, relu, residual, sequential } from "@rill/rill/models";
 *
 * const body = sequential([conv2d({ filters: 16, kernelSize: 3, padding: 1 }), relu()]);
 * const shortcut = conv2d({ filters: 16, kernelSize: 1 });
 * const network = build(residual(body, { shortcut }), [8, 8, 3]);
 * assert(network._tag === "Right");
 * assertEquals(network.right.parameters.map(({ name }) => name), [
 *   "body.0.weight",
 *   "body.0.bias",
 *   "shortcut.weight",
 *   "shortcut.bias",
 * ]);
 * ```
 *
 * @param body The layer around which the input is led.
 * @param options The shortcut, and the names.
 * @returns One layer.
 */
export function residual(body: Layer, options: ResidualOptions = {}): Layer {
  const { shortcut, names = { body: "body", shortcut: "shortcut" } } = options;
  return layer(
    () =>
      `Residual(${[body, ...shortcut ? [shortcut] : []].map((l) => l.describe([])).join(", ")})`,
    (input, sub) => {
      const main = sub(names.body, body, input);
      const side = shortcut && sub(names.shortcut, shortcut, input);
      const { outputShape } = main;
      const added = side ? side.outputShape : input;
      if (!isSameShape(outputShape, added)) {
        return `a ${side ? "shortcut" : "body"} that gives the same shape: ${
          formatShape(outputShape)
        } and ${formatShape(added)} can't be added`;
      }
      return {
        outputShape,
        kind: { type: "residual", attributes: { shortcut: side !== undefined } },
        flops: countElements(outputShape),
        apply: (x, _, pass) => ops.add(main(x, pass), side ? side(x, pass) : x),
      };
    },
  );
}
