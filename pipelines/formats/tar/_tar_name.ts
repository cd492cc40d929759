/**
 * Finds the reason why a member's name is unsafe or useless as a path, if there is one. The rules are those of all
 * systems together, as an archive may be unpacked on any.
 */
export function findNameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.includes("\0")) return "has a NUL in it";
  if (/^[/\\]/.test(name)) return "is an absolute path";
  if (/^[A-Za-z]:/.test(name)) return "begins with a drive letter";
  if (name.split(/[/\\]/).includes("..")) return "leads out of the archive";
  return undefined;
}

/** Quotes a name for messages: shortened, and without characters that control a terminal. */
export const quoteName = (name: string): string =>
  JSON.stringify(name.length > 100 ? `${name.slice(0, 99)}…` : name);
