import { checkWhole } from "./_check_whole.ts";

/**
 * Refuses a size that no image can have.
 *
 * @throws {RangeError} As `Cannot resize to 0 × 224: the height must be a whole number of at least 1`.
 */
export function checkSize({ height, width }: { height: number; width: number }): void {
  checkWhole(`resize to ${height} × ${width}`, "height", height, { min: 1 });
  checkWhole(`resize to ${height} × ${width}`, "width", width, { min: 1 });
}
