import { checkSize } from "./_check_size.ts";
import type { ResizeMethod, ResizeOptions } from "./resize_image.ts";

/**
 * Refuses a size that no image can have, and a method that there is none of.
 *
 * @throws {RangeError} As `Cannot resize to 0 × 224: the height must be a whole number of at least 1`.
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
