// The types of the web platform's pictures where the program's types know them, and else what of them is used here: so that
// this compiles, and type checks, where a library such as `dom` isn't among the compiler's.

/** The runtime's own `ImageData`, or what it consists of where the compiler knows none. */
export type WebImageData = typeof globalThis extends { ImageData: { prototype: infer T } } ? T
  : PixelData;

/** The runtime's own `ImageBitmap`, or what it consists of where the compiler knows none. */
export type WebImageBitmap = typeof globalThis extends { ImageBitmap: { prototype: infer T } } ? T
  : BitmapSource & { close(): void };

/** The runtime's own `VideoFrame`, or what of it is used here where the compiler knows none. */
export type WebVideoFrame = typeof globalThis extends { VideoFrame: { prototype: infer T } } ? T
  : FrameSource & { close(): void };

/** Pixels as an `ImageData` has them: RGBA, row by row, not premultiplied. */
export interface PixelData {
  /** The samples, four for each pixel. */
  readonly data: {
    readonly BYTES_PER_ELEMENT: number;
    readonly length: number;
    readonly [index: number]: number;
  };
  /** Rows. */
  readonly height: number;
  /** Pixels in a row. */
  readonly width: number;
}

/** What of an `ImageBitmap` is used to read it. */
export interface BitmapSource {
  /** Rows; 0 once it was closed. */
  readonly height: number;
  /** Pixels in a row; 0 once it was closed. */
  readonly width: number;
}

/** What of a `VideoFrame` is used to read it. */
export interface FrameSource {
  /** How its pixels lie, such as `I420` or `RGBA`; null where that isn't said, or it was closed. */
  readonly format: string | null;
  /** The part of it that is to be seen; null once it was closed. */
  readonly visibleRect: { readonly height: number; readonly width: number } | null;
  /** By how many degrees it is to be turned clockwise to be seen, in runtimes that tell. */
  readonly rotation?: number;
  /** Whether it is to be mirrored after that, in runtimes that tell. */
  readonly flip?: boolean;
  /** Says how many bytes a copy has. */
  allocationSize(options?: object): number;
  /** Copies the pixels. */
  copyTo(destination: Uint8Array<ArrayBuffer>, options?: object): Promise<unknown>;
}

/** Options of what reads pictures of the web platform. */
export interface ReadWebImageOptions {
  /**
   * The channels of the image: 1 for gray, 3 for RGB, 4 for RGBA. Where that leaves out alpha, the color below it is kept, and the
   * gray is that of {@linkcode decodeImageBytes}.
   *
   * @default {4, and 3 of what can't be other than opaque}
   */
  readonly channels?: 1 | 3 | 4;
}
