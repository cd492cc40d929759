/**
 * Refuses a number that is not whole or out of its range.
 *
 * @param action What is asked for, with the number in it: `batch by 0`.
 * @param name What the number is: `size`.
 * @throws {RangeError} As `Cannot batch by 0: the size must be a whole number of at least 1`.
 */
export function checkWhole(
  action: string,
  name: string,
  value: number,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new RangeError(`Cannot ${action}: the ${name} must be a whole number ${range}`);
}
