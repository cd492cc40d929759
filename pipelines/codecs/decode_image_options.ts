import type { ImageRegion } from "../data/encoded_image.ts";

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
   * The most samples that the decoded image may have, height × width × channels. A file whose header promises more is
   * refused before anything is decoded.
   *
   * @default {268435456}
   */
  readonly maxSamples?: number;
  /**
   * What becomes of an orientation in the file's EXIF: `apply` turns and mirrors the pixels as it asks for, as viewers do;
   * `ignore` gives them as they are stored, as torchvision's data sets do.
   *
   * @default {"apply"}
   */
  readonly orientation?: "apply" | "ignore";
  /**
   * Whether to refuse a file whose extension is that of another format. Otherwise the extension is ignored, as many
   * data sets have such files and all tools decode them.
   *
   * @default {false}
   */
  readonly strictExtension?: boolean;
  /**
   * The part of the image to decode, as it is once its orientation is applied, or not. The samples are those of the whole
   * image there. Of a JPEG what is above the region is only parsed, and what is below it isn't read, so that damage there goes
   * unnoticed.
   *
   * @default {all of it}
   */
  readonly region?: ImageRegion | undefined;
  /** The path or address of the file, for errors. */
  readonly source?: string | undefined;
}

/** Options of {@linkcode decodeImage}. */
export type DecodeImageOptions = Omit<DecodeImageBytesOptions, "source" | "region">;
