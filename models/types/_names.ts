// Names of parameters: which fit a pattern, and how many are listed.
/** Tells whether a name fits a pattern, in which `*` stands for any characters. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at + last.length <= name.length;
}

/** The most names of one kind in a message. */
const MOST_NAMES = 16;

/**
 * Lists names for the message of an error: all, or as many as can be read and how many more there are.
 *
 * @param names The names.
 * @returns Them, with commas between.
 */
export function listFirst(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  const listed = names.slice(0, MOST_NAMES).join(", ");
  return rest > 0 ? `${listed} and ${rest} more` : listed;
}
