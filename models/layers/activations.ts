/**
 * Activation functions.
 *
 * @module
 */

import * as ops from "../ops/mod.ts";
import { countElements } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { checkFinite, checkWord } from "./_check_settings.ts";
import { type PlanFusion, withFusion } from "./_fusion.ts";
import { type Layer, layer } from "./layer.ts";

export type { Layer } from "./layer.ts";

/**
 * Describes the rectifier, `max(x, 0)`, for any shape.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, relu } from "@rill/rill/models";
 *
 * const layer = build(relu(), [54, 54, 96]);
 * assert(layer._tag === "Right");
 * assertEquals(layer.right.outputShape, [54, 54, 96]);
 * ```
 *
 * @returns The layer.
 */
export function relu(): Layer {
  return describeActivation("ReLU()", "relu", {}, ops.relu, {
    epilogue: () => ({ relu: true }),
    rectifier: "relu",
  });
}

/**
 * Describes the rectifier that is cut off at 6, `min(max(x, 0), 6)`, for any shape.
 *
 * @example Usage
 * ```ts
 * import { conv2d, relu6, sequential } from "@rill/rill/models";
 *
 * sequential([conv2d({ filters: 8, kernelSize: 3 }), relu6()]);
 * ```
 *
 * @returns The layer.
 */
export function relu6(): Layer {
  return describeActivation("ReLU6()", "relu6", {}, ops.relu6, { rectifier: "relu6" });
}

/**
 * Describes the leaky rectifier, `x` where it is above 0 and `slope · x` elsewhere, for any shape; PyTorch's `LeakyReLU`.
 *
 * @example Usage
 * ```ts
 * import { conv2d, leakyRelu, sequential } from "@rill/rill/models";
 *
 * sequential([conv2d({ filters: 8, kernelSize: 3 }), leakyRelu(0.1)]);
 * ```
 *
 * @param slope The factor of negative numbers; 0.01 by default.
 * @returns The layer.
 * @throws {RangeError} If the slope is not finite.
 */
export function leakyRelu(slope = 0.01): Layer {
  checkFinite("a leaky rectifier", { slope });
  return describeActivation(
    `LeakyReLU(${slope})`,
    "leakyRelu",
    { slope },
    (x) => ops.leakyRelu(x, { slope }),
  );
}

/**
 * Describes the logistic function, `1 / (1 + e⁻ˣ)`, for any shape.
 *
 * @example Usage
 * ```ts
 * import { linear, sequential, sigmoid } from "@rill/rill/models";
 *
 * sequential([linear(8), sigmoid()]);
 * ```
 *
 * @returns The layer.
 */
export function sigmoid(): Layer {
  return describeActivation("Sigmoid()", "sigmoid", {}, ops.sigmoid);
}

/**
 * Describes the hyperbolic tangent, for any shape.
 *
 * @example Usage
 * ```ts
 * import { linear, sequential, tanh } from "@rill/rill/models";
 *
 * sequential([linear(8), tanh()]);
 * ```
 *
 * @returns The layer.
 */
export function tanh(): Layer {
  return describeActivation("Tanh()", "tanh", {}, ops.tanh);
}

/** Options of {@linkcode gelu}. */
export interface GeluOptions {
  /**
   * How the normal distribution is computed: `"none"`, by the error function; `"tanh"`, by PyTorch's approximation.
   *
   * @default {"none"}
   */
  readonly approximate?: "none" | "tanh";
}

/**
 * Describes the Gaussian error linear unit (Hendrycks and Gimpel, 2016), `x · Φ(x)`, for any shape; PyTorch's `GELU`.
 *
 * @example Usage
 * ```ts
 * import { gelu, linear, sequential } from "@rill/rill/models";
 *
 * sequential([linear(8), gelu()]);
 * ```
 *
 * @param options The approximation.
 * @returns The layer.
 * @throws {RangeError} If there is no such approximation.
 */
export function gelu({ approximate = "none" }: GeluOptions = {}): Layer {
  checkWord("gelu", "approximate", approximate, ["none", "tanh"]);
  return describeActivation(
    approximate === "none" ? "GELU()" : `GELU(${approximate})`,
    "gelu",
    { approximate },
    (x) => ops.gelu(x, { approximate: approximate === "tanh" }),
  );
}

/**
 * Describes the sigmoid linear unit or swish, `x / (1 + e⁻ˣ)`, for any shape; PyTorch's `SiLU`.
 *
 * @example Usage
 * ```ts
 * import { conv2d, sequential, silu } from "@rill/rill/models";
 *
 * sequential([conv2d({ filters: 8, kernelSize: 3 }), silu()]);
 * ```
 *
 * @returns The layer.
 */
export function silu(): Layer {
  return describeActivation("SiLU()", "silu", {}, ops.silu);
}

/** Describes a layer that applies a function to each number, and how it shares a program with what is before it, if it can. */
function describeActivation(
  description: string,
  type: string,
  attributes: Readonly<Record<string, number | string>>,
  apply: (x: Tensor) => Tensor,
  fusion?: PlanFusion,
): Layer {
  return layer(description, (input) => {
    const plan = {
      outputShape: input,
      kind: { type, attributes },
      flops: countElements(input),
      apply,
    };
    return fusion ? withFusion(plan, fusion) : plan;
  });
}
