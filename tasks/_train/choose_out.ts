import type { FlagValues } from "../_cli/flags.ts";
import { UsageError } from "../_cli/errors.ts";
import { joinPath } from "../_files/files.ts";
import type { trainFlags } from "./train_flags.ts";

/**
 * The folder to save to: the one given, else that of the run that goes on, else a new one named by the time. A run that
 * is there already is overwritten only if somebody said yes.
 *
 * @throws {UsageError} When nobody did.
 */
export async function chooseOut(
  { out, resume, yes }: Pick<FlagValues<typeof trainFlags>, "out" | "resume" | "yes">,
): Promise<string> {
  if (out === undefined) return resume ?? `runs/${timeName(new Date())}`;
  if (yes || out === resume || !await holdsRun(out)) return out;
  if (Deno.stdin.isTerminal() && confirm(`${out} holds a run already. Overwrite it?`)) return out;
  throw new UsageError(
    `Cannot use --out ${out} as it holds a run already: ` +
      `go on with it by --resume ${out}, overwrite it with --yes, or name another folder`,
  );
}

const timeName = (time: Date): string =>
  time.toISOString().slice(0, 19).replace("T", "_").replaceAll(":", "-");

const holdsRun = (dir: string): Promise<boolean> =>
  Deno.stat(joinPath(dir, "last.safetensors")).then(() => true, () => false);
