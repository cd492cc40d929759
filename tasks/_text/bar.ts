const WIDTH = 24;

/** A share from 0 to 1 as a bar: `[######..................]`. */
export function bar(share: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * WIDTH);
  return `[${"#".repeat(full)}${".".repeat(WIDTH - full)}]`;
}
