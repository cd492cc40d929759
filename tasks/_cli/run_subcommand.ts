import { enterCallerFolder } from "./env.ts";
import { formatCommand, getTaskArgs } from "./program.ts";
import { asksFor, formatVersion } from "./run_task.ts";
import { suggestWord } from "./suggest_word.ts";

/**
 * Runs one of several tasks that share a name, or are all that a program has: the first word of the command line says which, the rest of it is for that
 * task. Ends the process with code 2 if the word is missing or unknown.
 */
export async function runSubcommand(
  name: string,
  about: string,
  tasks: Readonly<Record<string, (args: readonly string[]) => Promise<void>>>,
  [word = "", ...args]: readonly string[] = getTaskArgs(),
): Promise<void> {
  const words = Object.keys(tasks);
  const task = Object.hasOwn(tasks, word) ? tasks[word] : undefined;
  if (task) return await task(args);
  enterCallerFolder();
  const usage = formatCommand([...name === "" ? [] : [name], words.join("|"), "[flags]"].join(" "));
  if (asksFor("help", [word])) return console.log(`${usage}\n\n${about}`);
  if (asksFor("version", [word])) return console.log(formatVersion());
  const suggestion = suggestWord(word, words);
  const what = word === ""
    ? "a word is missing"
    : word.startsWith("-")
    ? `a word is missing before ${word}`
    : `"${word}" is not known${suggestion ? ` (did you mean ${suggestion}?)` : ""}`;
  console.error(`error: Cannot understand the command line: ${what}; it is ${usage}`);
  Deno.exit(2);
}
