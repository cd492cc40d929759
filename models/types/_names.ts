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

/**
 * Lists names for people: all, or as many as can be read and how many more there are.
 *
 * @param names The names.
 * @param most The most that are listed.
 * @returns Them, with commas between.
 */
export function listFirst(names: readonly string[], most = 16): string {
  const rest = names.length - most;
  const listed = names.slice(0, most).join(", ");
  return rest > 0 ? `${listed} and ${rest} more` : listed;
}
