import type { BuiltLayer, Layer } from "./layer.ts";
import type { Either } from "../types/either.ts";
import type { Epilogue } from "../ops/epilogue.ts";
import { foldIn } from "../random/key.ts";
import type { ShapeError } from "./shape_error.ts";

/**
 * Layers one behind the other. An array names them `0`, `1`, … and a record by its keys, as PyTorch's `Sequential` and
 * attributes do; a nested layer is `conv.0`, and one named `""` adds nothing to the path. (JavaScript puts keys that
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
      return {
        _tag: "Right",
        right: {
          outputShape: shape,
          layers: built.flatMap((layer) => layer.layers),
          parameters: built.flatMap((layer) => layer.parameters),
          apply(params, input, context) {
            const contextOf = (i: number) => ({ ...context, key: foldIn(context.key, i) });
            let x = input;
            let i = 0;
            while (i < built.length) {
              const { [i]: layer } = built;
              const own = contextOf(i++);
              if (!layer.applyWith) {
                x = layer.apply(params, x, own);
                continue;
              }
              let epilogue: Epilogue = {};
              for (; i < built.length; i++) {
                const next = extended(epilogue, built[i].epilogue?.(contextOf(i)));
                if (!next) break;
                epilogue = next;
              }
              x = layer.applyWith(params, x, own, epilogue);
            }
            return x;
          },
        },
      };
    },
  };
}

/** An epilogue with what follows it, if that can be part of it: ReLU comes first, then dropout. */
function extended(epilogue: Epilogue, next: Epilogue | undefined): Epilogue | undefined {
  if (!next || epilogue.dropout || !(epilogue.relu || next.relu)) return undefined;
  return { ...epilogue, ...next };
}
