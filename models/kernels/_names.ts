/** One Adam update, `parameter, gradient, m, v` to `[parameter, m, v]`; `m` and `v` may be updated in place. */
export const ADAM_UPDATE = "RillAdamUpdate";
/** Dropout by counter: with `n = i + offset`, element `i` is dropped by word `n % 2` of Threefry's block `n / 2`. */
export const DROPOUT = "RillDropout";
/** The gradient of `max(x, 0)`, `x, dy` to `dx`. */
export const RELU_GRADIENT = "RillReluGradient";
/** A network's input of images of bytes: no tensors to float32 `[n, height, width, channels]`. */
export const IMAGE_INPUT = "RillImageInput";

/** What `ADAM_UPDATE` takes besides its tensors. */
export interface AdamAttrs {
  readonly beta1: number;
  readonly beta2: number;
  /** Learning rate over `1 - beta1^t`. */
  readonly stepSize: number;
  /** `sqrt(1 - beta2^t)`. */
  readonly correction: number;
  readonly epsilon: number;
}

/** What `DROPOUT` takes besides `x`. The key's words are signed 32-bit. */
export interface DropoutAttrs {
  readonly rate: number;
  readonly key0: number;
  readonly key1: number;
  /** The place of the first element among all, where `x` is a part: a whole number, 0 by default. */
  readonly offset?: number;
}

/** What `IMAGE_INPUT` takes: bytes are resized as Pillow does, and then `(byte * scale - mean) / deviation`. */
export interface ImageInputAttrs {
  /** The bytes, which may change as soon as the kernel has returned. */
  readonly data: Uint8Array;
  /** Their shape. */
  readonly images: readonly [size: number, height: number, width: number, channels: number];
  /** The size of the result. */
  readonly to: readonly [height: number, width: number];
  readonly scale: number;
  /** One for all channels, or one for each. */
  readonly means: readonly number[];
  /** As `means`. */
  readonly deviations: readonly number[];
}
