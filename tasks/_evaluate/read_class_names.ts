import { UsageError } from "../_cli/errors.ts";
import { exists } from "../_model/run_files.ts";

/**
 * Reads the names of classes that `--classes` gives: those of a text with one a line, if there is a file of that name, else
 * the words between commas.
 *
 * @throws {UsageError} If one is empty or there twice, or there are fewer than two.
 */
export async function readClassNames(given: string): Promise<string[]> {
  const names = await exists(given)
    ? (await Deno.readTextFile(given)).replace(/^\ufeff/, "").trimEnd().split(/\r?\n/)
    : given.split(",");
  const trimmed = names.map((name) => name.trim());
  const refuse = (reason: string) => new UsageError(`Cannot use --classes ${given}: ${reason}`);
  if (trimmed.length < 2) throw refuse("there is no such file, and it takes two names at least");
  const empty = trimmed.indexOf("");
  if (empty >= 0) throw refuse(`name ${empty + 1} is empty`);
  const twice = trimmed.find((name, i) => trimmed.indexOf(name) !== i);
  if (twice !== undefined) throw refuse(`${twice} is there twice`);
  return trimmed;
}
