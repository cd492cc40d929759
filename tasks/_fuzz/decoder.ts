/** What a decoder made of its input: it read it to the end, or refused it with an error of its own. */
export type Outcome = "read" | "refused";

/** A decoder that must make something of any input, or refuse it. */
export interface Decoder {
  readonly name: string;
  /** Valid files, of which the inputs are made. */
  readonly files: readonly Uint8Array[];
  /** The errors that a refusal may be. */
  readonly errors: readonly (abstract new (...args: never[]) => Error)[];
  /** Decodes an input, which comes in these chunks. It holds all its results for no longer than it must. */
  readonly decode: (chunks: readonly Uint8Array<ArrayBuffer>[]) => Promise<unknown>;
  /** Makes the checksums of a damaged file right, where the decoder would look no further without. */
  readonly repair?: (file: Uint8Array) => void;
}
