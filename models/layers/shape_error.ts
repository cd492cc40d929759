import { formatShape } from "../types/_shape.ts";

/** The most characters of a layer in a message: one that is made of others says all of them, and of a network they fill pages. */
const MOST_CHARACTERS = 120;

const shorten = (description: string): string =>
  description.length <= MOST_CHARACTERS ? description : `${description.slice(0, MOST_CHARACTERS)}…`;

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
      `Cannot build layer ${layer || "(top)"}, ${shorten(description)}, for an input of ${
        formatShape(got)
      }: it needs ${needed}`,
    );
    this.name = "ShapeError";
    this.layer = layer;
    this.got = got;
    this.needed = needed;
  }
}
