import { drawNormal, drawUniform } from "../random/_draw.ts";
import type { Key } from "../random/key.ts";
import { countElements } from "../types/_shape.ts";
import type { ParameterSpec } from "./layer.ts";
import type { Initializer } from "./network.ts";

/** Draws one parameter in its layout at rest. */
export function initialize(
  key: Key,
  spec: ParameterSpec,
  initializer: Initializer,
): Float32Array<ArrayBuffer> {
  const count = countElements(spec.shape);
  if (initializer === "pytorch") {
    const bound = 1 / Math.sqrt(spec.fanIn);
    return drawUniform(key, count, -bound, bound);
  }
  if (spec.role === "bias") return new Float32Array(count);
  if (initializer === "kaiming") return drawNormal(key, count, Math.sqrt(2 / spec.fanIn));
  const bound = Math.sqrt(6 / (spec.fanIn + spec.fanOut));
  return drawUniform(key, count, -bound, bound);
}
