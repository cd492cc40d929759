import type { BuiltLayer } from "./built_layer.ts";
import type { Either } from "./either.ts";
import type { ShapeError } from "./shape_error.ts";

/** A description of a layer. Nothing is allocated until it is built, and then only by `init`. */
export interface Layer {
  /** The layer with its settings, for people. */
  readonly description: string;
  /**
   * Builds the layer for an input shape (one example's, without the batch) under a name.
   *
   * @returns The built layer, or the error that names the layer and what it needs.
   */
  build(inputShape: readonly number[], name: string): Either<ShapeError, BuiltLayer>;
}
