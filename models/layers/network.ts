import type { Key } from "../random/key.ts";
import type { Params } from "../types/tensor.ts";
import type { BuiltLayer } from "./layer.ts";

/** A model built for an input shape: a pair of pure functions, and facts about them. */
export interface Network extends BuiltLayer {
  /** The shape of one input example. */
  readonly inputShape: readonly number[];
  /**
   * Draws the parameters.
   *
   * @param key The key of the draw; the same key gives the same parameters on every backend.
   * @param initializer The distribution, `"pytorch"` by default.
   * @returns New tensors, owned by the caller.
   */
  init(key: Key, initializer?: Initializer): Params;
}

/**
 * The distribution of drawn parameters: `"pytorch"`, the default of PyTorch's layers, uniform within ±1/√fanIn, weights and
 * biases; `"kaiming"`, weights normal with standard deviation √(2/fanIn), biases 0 (He et al., 2015); `"xavier"`, weights
 * uniform within ±√(6/(fanIn+fanOut)), biases 0 (Glorot and Bengio, 2010).
 */
export type Initializer = "pytorch" | "kaiming" | "xavier";
