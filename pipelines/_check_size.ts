import { checkWhole } from "./_check_whole.ts";

/**
 * Refuses a size that no image can have.
 *
 * @param action What is to be done, up to the size: `resize to`.
 * @throws {RangeError} As `Cannot resize to 0 × 224: the height must be a whole number of at least 1`.
 */
export function checkSize(
  action: string,
  { height, width }: { height: number; width: number },
): void {
  checkWhole(`${action} ${height} × ${width}`, "height", height, { min: 1 });
  checkWhole(`${action} ${height} × ${width}`, "width", width, { min: 1 });
}
