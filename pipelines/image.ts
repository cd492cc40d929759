/** The typed arrays that hold image data. */
export type ImageData = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** An image: row-major HWC samples and their shape. */
export interface Image<D extends ImageData = ImageData> {
  /** `height * width * channels` samples, row by row, the channels of a pixel side by side. */
  readonly data: D;
  /** Rows. */
  readonly height: number;
  /** Pixels in a row. */
  readonly width: number;
  /** Samples in a pixel. */
  readonly channels: number;
}
