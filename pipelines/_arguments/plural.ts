/** A count and its noun: `1 byte`, `2 bytes`. */
export const plural = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;
