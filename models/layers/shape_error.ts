import { formatShape } from "../types/_shape.ts";

/** A layer cannot take the shape that it is given. */
export class ShapeError extends Error {
  /** The layer's name in the network, such as `conv.12`. */
  readonly layer: string;
  /** The shape it got, without the batch. */
  readonly got: readonly number[];
  /** The shape it needs, in words. */
  readonly needed: string;

  /**
   * Makes the error.
   *
   * @param layer The layer's name in the network.
   * @param description The layer with its settings.
   * @param got The shape it got, without the batch.
   * @param needed The shape it needs, in words.
   */
  constructor(layer: string, description: string, got: readonly number[], needed: string) {
    super(
      `Cannot build layer ${layer || "(top)"}, ${description}, for an input of ${
        formatShape(got)
      }: it needs ${needed}`,
    );
    this.name = "ShapeError";
    this.layer = layer;
    this.got = got;
    this.needed = needed;
  }
}
