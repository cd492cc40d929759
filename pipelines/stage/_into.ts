import { newData } from "../data/_image_data.ts";
import type { ImageData } from "../data/image.ts";

/**
 * Makes the array that a stage writes an image to: one of the type of `like`, its samples whatever they are.
 *
 * The one who pulls the image says so where it would copy or drop it at once, and so spares an array for each image.
 * It is called at most once in a pull, and not by a stage that gives its input as it is.
 */
export type Into = <D extends ImageData>(like: D, length: number) => D;

/** One that makes an array of bytes once, and gives it again while it fits: for images that are dropped before the next. */
export function scratch(): Into {
  let last = new Uint8Array();
  return <D extends ImageData>(like: D, length: number): D => {
    if (!(like instanceof Uint8Array)) return newData(like, length);
    if (last.length !== length) last = new Uint8Array(length);
    return last as ImageData as D;
  };
}
