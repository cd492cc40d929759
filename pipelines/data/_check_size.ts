import { checkInteger } from "../_arguments/check_integer.ts";

/**
 * Refuses an invalid size of an image.
 *
 * @param action The action that was asked for, up to the size: `resize to`.
 * @throws {RangeError} As `Cannot resize to 0 × 224: the height must be an integer of at least 1`.
 */
export function checkSize(
  action: string,
  { height, width }: { height: number; width: number },
): void {
  checkInteger(`${action} ${height} × ${width}`, "height", height, { min: 1 });
  checkInteger(`${action} ${height} × ${width}`, "width", width, { min: 1 });
}
