import type { BuiltLayer } from "./built_layer.ts";
import type { Initializer } from "./initializer.ts";
import type { Key } from "./key.ts";
import type { Params } from "./params.ts";

/** A model built for an input shape: a pair of pure functions and what is known of them. */
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
