import type { ApplyContext, BuiltLayer, Layer, ParameterSpec } from "./layer.ts";
import type { Epilogue } from "../ops/epilogue.ts";
import { ShapeError } from "./shape_error.ts";
import type { Tensor } from "../types/tensor.ts";

/**
 * What a simple layer is for one input shape. `apply` gets the tensors of `parameters`, in their order, and an epilogue if
 * the layer is one that `takesEpilogue`.
 */
export interface SimpleLayer {
  readonly outputShape: readonly number[];
  readonly parameters?: readonly ParameterSpec[];
  readonly flops?: number;
  readonly takesEpilogue?: boolean;
  readonly epilogue?: BuiltLayer["epilogue"];
  apply(
    input: Tensor,
    params: readonly Tensor[],
    context: ApplyContext,
    epilogue?: Epilogue,
  ): Tensor;
}

/** Makes a layer from a function of the input shape that gives the layer, or says in words what shape it needs. */
export function simpleLayer(
  description: string | ((inputShape: readonly number[]) => string),
  plan: (inputShape: readonly number[]) => SimpleLayer | string,
): Layer {
  const describe = typeof description === "string" ? () => description : description;
  return {
    description: describe([]),
    build(inputShape, name): ReturnType<Layer["build"]> {
      const planned = plan(inputShape);
      if (typeof planned === "string") {
        const error = new ShapeError(name, describe(inputShape), inputShape, planned);
        return { _tag: "Left", left: error };
      }
      const parameters = (planned.parameters ?? []).map((spec) => ({
        ...spec,
        name: name ? `${name}.${spec.name}` : spec.name,
      }));
      const applyWith: BuiltLayer["applyWith"] = (params, input, context, epilogue) =>
        planned.apply(input, parameters.map((spec) => params[spec.name]), context, epilogue);
      return {
        _tag: "Right",
        right: {
          outputShape: planned.outputShape,
          parameters,
          layers: [{
            name,
            layer: describe(inputShape),
            outputShape: planned.outputShape,
            parameters: parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0),
            flops: planned.flops ?? 0,
          }],
          apply: (params, input, context) => applyWith(params, input, context, {}),
          ...planned.takesEpilogue && { applyWith },
          ...planned.epilogue && { epilogue: planned.epilogue },
        },
      };
    },
  };
}

/** Throws a RangeError unless every setting is an integer of at least `least`. */
export function checkInteger(layer: string, settings: Record<string, number>, least: number): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(
        `Cannot describe ${layer} with ${name} ${value}: it must be an integer of at least ${least}`,
      );
    }
  }
}
