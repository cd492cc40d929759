import { checkSize } from "../../data/_check_size.ts";

/**
 * The method of resizing: `"nearest"` picks the nearest pixel, `"bilinear"` interpolates linearly between those around
 * and `"bicubic"` by Keys' cubic with a = -0.5, which is sharper and may overshoot. When an image shrinks, the latter
 * two average over all pixels ("antialiasing").
 */
export type ResizeMethod = "bilinear" | "bicubic" | "nearest";

/** Options of {@linkcode resizeImage} and {@linkcode resize}. */
export interface ResizeOptions {
  /** Rows of the result, at least 1. */
  readonly height: number;
  /** Pixels in a row of the result, at least 1. */
  readonly width: number;
  /**
   * The method of resizing.
   *
   * @default {"bilinear"}
   */
  readonly method?: ResizeMethod;
}

/**
 * Refuses an invalid size of an image, and an unknown method.
 *
 * @throws {RangeError} As `Cannot resize to 0 × 224: the height must be an integer of at least 1`.
 */
export function checkResize({ height, width, method }: Required<ResizeOptions>): void {
  checkSize("resize to", { height, width });
  if (METHODS.includes(method)) return;
  throw new RangeError(
    `Cannot resize by the method "${method}": there are ${METHODS.slice(0, -1).join(", ")} and ${
      METHODS.at(-1)
    }`,
  );
}

const METHODS: readonly ResizeMethod[] = ["bilinear", "bicubic", "nearest"];
