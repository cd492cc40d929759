import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { quotePath, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { joinPath } from "../_files/files.ts";
import type { trainFlags } from "./train_flags.ts";

/**
 * Chooses the folder to save to: the given one, else that of the run that goes on, else a new one named by the time. A run
 * that is there already is overwritten only if somebody said yes; fails if nobody did.
 */
export const chooseOut = (
  { out, resume, yes }: Pick<FlagValues<typeof trainFlags>, "out" | "resume" | "yes">,
): TE.TaskEither<UsageError, string> => {
  if (out === undefined) return TE.right(resume ?? `runs/${formatTime(new Date())}`);
  if (yes || out === resume) return TE.right(out);
  return pipe(
    TE.fromTask(async () => await holdsRun(out) && !askToOverwrite(out)),
    TE.filterOrElse((refused) => !refused, () =>
      new UsageError(
        `Cannot use --out ${out} as it holds a run already: ` +
          `go on with it by --resume ${
            quotePath(out)
          }, overwrite it with --yes, or name another folder`,
      )),
    TE.map(() => out),
  );
};

const formatTime = (time: Date): string =>
  time.toISOString().slice(0, 19).replace("T", "_").replaceAll(":", "-");

const holdsRun = (dir: string): Promise<boolean> =>
  Deno.stat(joinPath(dir, "last.safetensors")).then(() => true, () => false);

const askToOverwrite = (dir: string): boolean =>
  Deno.stdin.isTerminal() && confirm(`${dir} holds a run already. Overwrite it?`);
