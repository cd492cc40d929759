/**
 * What makes a member's name unsafe or useless as a path, or nothing. The rules are those of all systems at once, as an
 * archive may be unpacked on any.
 */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.includes("\0")) return "has a NUL in it";
  if (/^[/\\]/.test(name)) return "is an absolute path";
  if (/^[A-Za-z]:/.test(name)) return "begins with a drive letter";
  if (name.split(/[/\\]/).includes("..")) return "leads out of the archive";
  return undefined;
}

/** A name for messages: short, and without characters that a terminal would obey. */
export const quoteName = (name: string): string =>
  JSON.stringify(name.length > 100 ? `${name.slice(0, 99)}…` : name);
