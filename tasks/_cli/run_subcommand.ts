/**
 * The edge of a program that does one of several things: the first word of the command line says which, and the rest of it
 * is that one's own.
 */
export async function runSubcommand(
  name: string,
  about: string,
  tasks: Readonly<Record<string, (args: readonly string[]) => Promise<void>>>,
  [word = "", ...args]: readonly string[] = Deno.args,
): Promise<void> {
  if (Object.hasOwn(tasks, word)) return await tasks[word](args);
  const usage = `deno task ${name} ${Object.keys(tasks).join("|")} [flags]`;
  if (word === "--help") return console.log(`${usage}\n\n${about}`);
  const what = word === "" ? "a word is missing" : `"${word}" is not known`;
  console.error(`error: Cannot understand the command line: ${what}; it is ${usage}`);
  Deno.exit(2);
}
