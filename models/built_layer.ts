import type { ApplyContext } from "./apply_context.ts";
import type { Epilogue } from "./epilogue.ts";
import type { LayerSummary } from "./layer_summary.ts";
import type { ParameterSpec } from "./parameter_spec.ts";
import type { Params } from "./params.ts";
import type { Tensor } from "./tensor.ts";

/** A layer that has been built for an input shape. */
export interface BuiltLayer {
  /** The shape of one output example. */
  readonly outputShape: readonly number[];
  /** The simple layers it consists of, in order. */
  readonly layers: readonly LayerSummary[];
  /** The parameters it learns, in order. */
  readonly parameters: readonly ParameterSpec[];
  /**
   * Maps a batch of inputs, `[size, ...inputShape]`, to a batch of outputs. A layer that has nothing to do gives the input
   * itself.
   */
  apply(params: Params, input: Tensor, context: ApplyContext): Tensor;
  /**
   * Of a layer that ends with a product: the same as `apply` with an epilogue after it. Only such a layer has it.
   */
  applyWith?(params: Params, input: Tensor, context: ApplyContext, epilogue: Epilogue): Tensor;
  /** Of a layer that can be the epilogue of the one before it: the epilogue that it is. Only such a layer has it. */
  epilogue?(context: ApplyContext): Epilogue;
}
