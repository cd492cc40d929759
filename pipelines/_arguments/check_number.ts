/** The bounds of a number. */
export interface Bounds {
  readonly min: number;
  /** The greatest number; without it, any finite number from `min` on. */
  readonly max?: number;
  /** Whether `min` itself is refused. */
  readonly open?: boolean;
}

/**
 * Refuses a number out of its bounds.
 *
 * @param action The action that was asked for, with the number in it: `flip with probability 2`.
 * @param name The name of the number: `probability`.
 * @throws {RangeError} As `Cannot flip with probability 2: the probability must be a number from 0 to 1`.
 */
export function checkNumber(action: string, name: string, value: number, bounds: Bounds): void {
  if (!isWithin(value, bounds)) {
    throw new RangeError(
      `Cannot ${action}: the ${name} must be a number ${describeBounds(bounds)}`,
    );
  }
}

/**
 * Refuses a range that is empty or reaches out of its bounds.
 *
 * @param verb The action that was asked for: `erase`.
 * @param name The name of the range: `scale`.
 * @throws {RangeError} As `Cannot erase with the scale [0.5, 2]: it must be two numbers from 0 to 1, in order`.
 */
export function checkRange(
  verb: string,
  name: string,
  [low, high]: readonly [number, number],
  bounds: Bounds,
): void {
  if (isWithin(low, bounds) && isWithin(high, bounds) && low <= high) return;
  throw new RangeError(
    `Cannot ${verb} with the ${name} [${low}, ${high}]: it must be two numbers ${
      describeBounds(bounds)
    }, in order`,
  );
}

const isWithin = (value: number, { min, max = Infinity, open = false }: Bounds): boolean =>
  Number.isFinite(value) && value >= min && value <= max && !(open && value === min);

function describeBounds({ min, max, open = false }: Bounds): string {
  if (open) return max === undefined ? `above ${min}` : `above ${min} and up to ${max}`;
  return max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
}
