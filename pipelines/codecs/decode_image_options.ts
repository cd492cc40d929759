/** Options of {@linkcode decodeImageBytes}. */
export interface DecodeImageBytesOptions {
  /**
   * The channels of the result: 1 for gray, 3 for RGB. Without it they are those of the file: 1 gray, 2 gray and alpha,
   * 3 RGB, 4 RGBA.
   *
   * @default {those of the file}
   */
  readonly channels?: 1 | 3;
  /**
   * The most samples that the decoded image may have, height × width × channels. A file whose header says more is
   * refused before anything is decoded.
   *
   * @default {268435456}
   */
  readonly maxSamples?: number;
  /**
   * Whether a file whose extension is that of another format is refused. Without it the extension is not looked at, as
   * data sets are full of such files and all tools decode them.
   *
   * @default {false}
   */
  readonly strictExtension?: boolean;
  /** Where the bytes come from, for errors: a path or an address. */
  readonly source?: string;
}

/** Options of {@linkcode decodeImage}. */
export type DecodeImageOptions = Omit<DecodeImageBytesOptions, "source">;
