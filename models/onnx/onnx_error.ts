/**
 * The error of a network that ONNX has no words for.
 *
 * @module
 */

/** A network cannot be encoded as ONNX. */
export class OnnxError extends Error {
  /** The layer's name in the network, such as `conv.12`; `""` for the network itself. */
  readonly layer: string;
  /** The layer with its settings. */
  readonly description: string;
  /** What the layer says that it computes, such as `conv2d`; `undefined` where it doesn't say it. */
  readonly kind: string | undefined;

  /**
   * Makes the error.
   *
   * @param layer The layer: its name in the network, itself with its settings, and its kind.
   * @param reason Why it can't be encoded.
   */
  constructor(
    { name, layer, kind }: {
      readonly name: string;
      readonly layer: string;
      readonly kind?: { readonly type: string };
    },
    reason: string,
  ) {
    const shown = layer.length > MOST_CHARACTERS ? `${layer.slice(0, MOST_CHARACTERS)}…` : layer;
    super(`Cannot encode layer ${name || "(top)"}, ${shown}, as ONNX: ${reason}`);
    this.name = "OnnxError";
    this.layer = name;
    this.description = layer;
    this.kind = kind?.type;
  }
}

/** The most characters of a layer in a message: one that is made of others says all of them. */
const MOST_CHARACTERS = 120;
