/**
 * Layers in sequence.
 *
 * @module
 */

import type { Epilogue } from "../ops/_epilogue.ts";
import { foldIn } from "../random/key.ts";
import { type Either, right } from "../types/either.ts";
import type { BuiltLayer, Layer } from "./layer.ts";
import type { ShapeError } from "./shape_error.ts";

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
  return {
    description: `Sequential(${entries.map(([, { description }]) => description).join(", ")})`,
    build(inputShape, name): Either<ShapeError, BuiltLayer> {
      const built: BuiltLayer[] = [];
      let shape = inputShape;
      for (const [key, layer] of entries) {
        const next = layer.build(shape, name && key ? `${name}.${key}` : name || key);
        if (next._tag === "Left") return next;
        built.push(next.right);
        shape = next.right.outputShape;
      }
      return right({
        outputShape: shape,
        layers: built.flatMap((layer) => layer.layers),
        parameters: built.flatMap((layer) => layer.parameters),
        apply(params, input, context) {
          const deriveContext = (i: number) => ({ ...context, key: foldIn(context.key, i) });
          let x = input;
          // The layers before this one have run, or are the epilogue of one that has.
          let next = 0;
          for (const [i, layer] of built.entries()) {
            if (i < next) continue;
            next = i + 1;
            if (!layer.applyWith) {
              x = layer.apply(params, x, deriveContext(i));
              continue;
            }
            let epilogue: Epilogue = {};
            for (; next < built.length; next++) {
              const extended = extendEpilogue(
                epilogue,
                built[next]?.epilogue?.(deriveContext(next)),
              );
              if (!extended) break;
              epilogue = extended;
            }
            x = layer.applyWith(params, x, deriveContext(i), epilogue);
          }
          return x;
        },
      });
    },
  };
}

/** Extends an epilogue by the layer that follows, if that can be part of it: ReLU comes first, then dropout. */
function extendEpilogue(epilogue: Epilogue, next: Epilogue | undefined): Epilogue | undefined {
  if (!next || epilogue.dropout || !(epilogue.relu || next.relu)) return undefined;
  return { ...epilogue, ...next };
}
