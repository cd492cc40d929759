import { constant, type Initializer } from "./initializers.ts";
import type { ParameterSpec } from "./variable_spec.ts";

/** A weight and a bias, as far as there are. */
export interface WeightAndBias {
  readonly weight: ParameterSpec | undefined;
  readonly bias: ParameterSpec | undefined;
}

/** The options of a layer that multiplies by weights. */
export interface ProductOptions {
  readonly bias?: boolean;
  readonly initializer?: Initializer;
  readonly biasInitializer?: Initializer;
}

/** Specifies the weights of a product, whose first dimension is that of its outputs, and its bias. */
export function specifyProduct(
  weight: ParameterSpec & { readonly fanIn: number; readonly fanOut: number },
  { bias = true, initializer, biasInitializer }: ProductOptions,
): WeightAndBias {
  const { shape, fanIn, fanOut } = weight;
  return {
    weight: { ...weight, ...initializer && { initializer } },
    bias: bias
      ? {
        role: "bias",
        shape: shape.slice(0, 1),
        fanIn,
        fanOut,
        ...biasInitializer && { initializer: biasInitializer },
      }
      : undefined,
  };
}

/** Specifies the factors and offsets that follow a normalization, unless it has none. */
export function specifyAffine(
  affine: boolean,
  layout: Pick<ParameterSpec, "shape" | "order">,
  initialWeight = 1,
): WeightAndBias {
  if (!affine) return { weight: undefined, bias: undefined };
  const spec = { ...layout, fanIn: 1, fanOut: 1 };
  return {
    weight: { ...spec, initializer: constant(initialWeight) },
    bias: { ...spec, role: "bias", initializer: constant(0) },
  };
}
