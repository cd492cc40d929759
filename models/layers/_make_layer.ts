import type { Epilogue } from "../ops/_epilogue.ts";
import { left, right } from "../types/either.ts";
import { countElements, formatShape, isSameShape } from "../types/_shape.ts";
import { getTensor } from "../types/_tensors.ts";
import type { Tensor } from "../types/tensor.ts";
import type { ApplyContext, BuiltLayer, Layer, ParameterSpec } from "./layer.ts";
import { ShapeError } from "./shape_error.ts";

/**
 * A layer without children, for one input shape. `apply` gets the tensors of `parameters` by their names, and an epilogue if
 * the layer is one that `takesEpilogue`.
 */
export interface LayerPlan<P extends string> {
  readonly outputShape: readonly number[];
  readonly parameters?: readonly (ParameterSpec & { readonly name: P })[];
  readonly flops?: number;
  readonly takesEpilogue?: boolean;
  readonly epilogue?: BuiltLayer["epilogue"];
  apply(
    input: Tensor,
    params: Readonly<Record<P, Tensor>>,
    context: ApplyContext,
    epilogue?: Epilogue,
  ): Tensor;
}

/** Makes a layer from a function of the input shape that gives the layer's plan, or says in words what shape it needs. */
export function makeLayer<P extends string = never>(
  description: string | ((inputShape: readonly number[]) => string),
  plan: (inputShape: readonly number[]) => LayerPlan<P> | string,
): Layer {
  const describe = typeof description === "string" ? () => description : description;
  return {
    description: describe([]),
    build(inputShape, name): ReturnType<Layer["build"]> {
      const planned = plan(inputShape);
      if (typeof planned === "string") {
        return left(new ShapeError(name, describe(inputShape), inputShape, planned));
      }
      const own = planned.parameters ?? [];
      const nameOf = (parameter: string) => name ? `${name}.${parameter}` : parameter;
      const parameters = own.map((spec) => ({ ...spec, name: nameOf(spec.name) }));
      const applyWith: BuiltLayer["applyWith"] = (params, input, context, epilogue) => {
        checkInput(name || describe(inputShape), inputShape, input.shape);
        return planned.apply(
          input,
          Object.fromEntries(
            own.map((spec) => [spec.name, getTensor(params, nameOf(spec.name))]),
          ) as Record<P, Tensor>,
          context,
          epilogue,
        );
      };
      return right({
        outputShape: planned.outputShape,
        parameters,
        layers: [{
          name,
          layer: describe(inputShape),
          outputShape: planned.outputShape,
          parameters: parameters.reduce((sum, { shape }) => sum + countElements(shape), 0),
          flops: planned.flops ?? 0,
        }],
        apply: (params, input, context) => applyWith(params, input, context, {}),
        ...planned.takesEpilogue && { applyWith },
        ...planned.epilogue && { epilogue: planned.epilogue },
      });
    },
  };
}

/**
 * Throws a RangeError unless a tensor is a batch of at least one example. Backends give anything for none: on WebGPU their refusal
 * takes with it what else was recorded.
 */
export function checkInput(
  what: string,
  inputShape: readonly number[],
  shape: readonly number[],
): void {
  const [size = 0, ...example] = shape;
  if (size >= 1 && isSameShape(example, inputShape)) return;
  throw new RangeError(
    `Cannot apply ${what} to a tensor of ${
      formatShape(shape) || "no dimension"
    }: it takes at least one example of ${formatShape(inputShape)}`,
  );
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
