/**
 * Layers in sequence.
 *
 * @module
 */

import type { Epilogue } from "../ops/_epilogue.ts";
import * as ops from "../ops/_ops.ts";
import type { Tensor } from "../types/tensor.ts";
import { getBuiltFusion } from "./_fusion.ts";
import { getWatch } from "./_watch.ts";
import { type Built, type Layer, layer, type Pass } from "./layer.ts";

export type { Layer } from "./layer.ts";

/**
 * Describes layers one behind the other. An array names them `0`, `1`, … and a record by its keys, as PyTorch's `Sequential`
 * and attributes do; a nested layer is `conv.0`, and one named `""` adds nothing to the path. (JavaScript puts keys that
 * are integers first, in ascending order.)
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, linear, relu, sequential } from "@rill/rill/models";
 *
 * const network = build(sequential({ fc: sequential([linear(8), relu(), linear(2)]) }), [4]);
 * assert(network._tag === "Right");
 * assertEquals(network.right.parameters.map(({ name }) => name), [
 *   "fc.0.weight",
 *   "fc.0.bias",
 *   "fc.2.weight",
 *   "fc.2.bias",
 * ]);
 * ```
 *
 * @param layers The layers, in order.
 * @returns One layer.
 */
export function sequential(layers: readonly Layer[] | Readonly<Record<string, Layer>>): Layer {
  const entries = Object.entries(layers) as [string, Layer][];
  return layer(
    () => `Sequential(${entries.map(([, layer]) => layer.describe([])).join(", ")})`,
    (input, sub) => {
      const children: Built[] = [];
      let shape = input;
      for (const [name, layer] of entries) {
        const child = sub(name, layer, shape);
        children.push(child);
        shape = child.outputShape;
      }
      return {
        outputShape: shape,
        kind: { type: "sequential", attributes: {} },
        apply: (x, _, pass) => applyInSequence(children, x, pass),
      };
    },
  );
}

/** Applies layers one after the other; those that can share a program with the one before do. */
function applyInSequence(layers: readonly Built[], input: Tensor, pass: Pass): Tensor {
  // Then each by itself, and nothing is released that the watch may have kept.
  if (getWatch()) return layers.reduce((x, layer) => layer(x, pass), input);
  let x = input;
  let isKnown = false;
  /** Goes on with what layers have made, and releases what they made it of, if other layers here have made that. */
  const goOn = (made: readonly Built[], y: Tensor) => {
    const wasKnown = isKnown;
    isKnown = made.every((layer) => getBuiltFusion(layer).isKnown);
    if (wasKnown && isKnown && x !== y && x !== input) ops.releaseEarly(x);
    x = y;
  };
  // The layers before this one have run, or are the epilogue of one that has.
  let next = 0;
  for (const [i, layer] of layers.entries()) {
    if (i < next) continue;
    next = i + 1;
    const { product, rectified } = getBuiltFusion(layer);
    const follower = layers[next];
    const { rectifier = undefined } = follower ? getBuiltFusion(follower) : {};
    if (rectified && rectifier && follower) {
      next++;
      goOn([layer, follower], rectified(x, pass, rectifier));
      continue;
    }
    if (!product) {
      goOn([layer], layer(x, pass));
      continue;
    }
    let epilogue: Epilogue = {};
    for (; next < layers.length; next++) {
      const follower = layers[next];
      const extended = extendEpilogue(
        epilogue,
        follower && getBuiltFusion(follower).epilogue?.(pass),
      );
      if (!extended) break;
      epilogue = extended;
    }
    goOn(
      layers.slice(i, next),
      next === i + 1 ? layer(x, pass) : product(x, pass, epilogue),
    );
  }
  return x;
}

/** Extends an epilogue by the layer that follows, if that can be part of it: normalization comes first, then ReLU, then dropout. */
function extendEpilogue(epilogue: Epilogue, next: Epilogue | undefined): Epilogue | undefined {
  const fits = next && !epilogue.dropout &&
    (next.normalization ? !epilogue.normalization && !epilogue.relu : epilogue.relu || next.relu);
  return fits ? { ...epilogue, ...next } : undefined;
}
