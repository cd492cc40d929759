import { alexnet, build, type Network } from "../../models/mod.ts";
import type { ModelConfig } from "./model_config.ts";

/**
 * Builds the network that a configuration describes.
 *
 * @throws {ShapeError} When its layers don't fit the side.
 */
export function buildModel(
  { side, channels, classes, dropout }: Omit<ModelConfig, "name" | "mean" | "std">,
): Network {
  const built = build(alexnet({ classes, channels, dropout }), [side, side, channels]);
  if (built._tag === "Left") throw built.left;
  return built.right;
}
