import { averageFlips, averageTenCrops, type Layer } from "../../models/mod.ts";
import { computeShorterSide, type Preprocessing } from "../_data/prepare/preprocessing.ts";
import type { ModelConfig } from "./model_config.ts";

/** Averages over the views that a model looks at, if it is to look at several. */
export function averageViews(layer: Layer, { views = "one", side }: ModelConfig): Layer {
  if (views === "flip") return averageFlips(layer);
  return views === "ten-crop" ? averageTenCrops(layer, { size: side }) : layer;
}

/** Plans the preprocessing with which a model is used: of larger images, if ten parts of each are looked at. */
export function planUse(
  { views, side, channels, mean, std, resize, orientation }: ModelConfig,
): Preprocessing {
  const usual = { side, channels, mean, std, resize, orientation };
  if (views !== "ten-crop") return usual;
  const larger = computeShorterSide(side);
  return { ...usual, side: larger, shorterSide: larger };
}
