/** The outcome of decoding: the input was read to the end, or refused with an error of the decoder's own. */
export type Outcome = "read" | "refused";

/** A decoder that must read or refuse any input. */
export interface Decoder {
  readonly name: string;
  /** Valid files, from which the inputs are made. */
  readonly files: readonly Uint8Array[];
  /** The errors that a refusal may be. */
  readonly errors: readonly (abstract new (...args: never[]) => Error)[];
  /**
   * Decodes an input that comes in chunks, without holding its results longer than necessary. What is read from a file may be
   * written to the folder before.
   */
  readonly decode: (
    chunks: readonly Uint8Array<ArrayBuffer>[],
    folder: string,
  ) => Promise<unknown>;
  /** Corrects the checksums of a damaged file, if the decoder would look no further without. */
  readonly repair?: (file: Uint8Array) => void;
  /**
   * The share of the inputs of others that it gets, where it is slow.
   *
   * @default {1}
   */
  readonly share?: number;
  /** Whether the files are JSON, whose values are to be changed as well as its bytes. */
  readonly isJson?: boolean;
}
