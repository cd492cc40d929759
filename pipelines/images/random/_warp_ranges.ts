import { checkRange } from "../../_arguments/check_number.ts";
import type { Range } from "../_box.ts";

/** A greatest number, for a range from its opposite on; or the least and the greatest. */
export type Around = number | Range;

/**
 * Gives the range of some angles.
 *
 * @throws {RangeError} As `Cannot rotate with the degrees [-400, 400]: it must be two numbers from -360 to 360, in order`.
 */
export function toAngles(verb: string, name: string, value: Around): Range {
  const range: Range = typeof value === "number" ? [-value, value] : [value[0], value[1]];
  checkRange(verb, name, range, { min: -360, max: 360 });
  return range;
}
