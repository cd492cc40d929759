/**
 * Writes a count with its noun.
 *
 * @returns Such as `1 byte` and `2 bytes`.
 */
export const pluralize = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/**
 * Writes a number, or several in brackets.
 *
 * @returns Such as `0.5` and `[0.5, 0.25]`.
 */
export const formatNumbers = (value: number | readonly number[]): string =>
  typeof value === "number" ? `${value}` : `[${value.join(", ")}]`;
