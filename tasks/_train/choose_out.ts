import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { dirname, resolve } from "node:path";
import { quotePath, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { isSameFolder } from "../_files/files.ts";
import { LOCK } from "../_files/lock.ts";
import { BEST, CONFIG, exists, isFolder, isRunFile, isSavedFile } from "../_model/run_files.ts";
import type { trainFlags } from "./train_flags.ts";

/** The folder that a run is saved to, as it was chosen. */
export interface OutChoice {
  readonly dir: string;
  /**
   * How a run begins there: in a new folder, with a number behind its name if there is one of that name; in one that holds no
   * run; or over one, which goes on or is overwritten.
   */
  readonly begin: "numbered" | "empty" | "over";
}

/**
 * Chooses the folder to save to: the given one, else that of the run that goes on, else a new one named by the time. A run
 * that is there already is overwritten only if somebody said yes; fails if nobody did.
 */
export const chooseOut = (
  { out, resume, yes }: Pick<FlagValues<typeof trainFlags>, "out" | "resume" | "yes">,
): TE.TaskEither<UsageError, OutChoice> => {
  if (out === undefined) {
    return TE.right(
      resume === undefined
        ? { dir: `runs/${formatTime(new Date())}`, begin: "numbered" }
        : { dir: resume, begin: "over" },
    );
  }
  const over: OutChoice = { dir: out, begin: "over" };
  return pipe(
    TE.fromTask(() => describeNoFolder(out)),
    TE.filterOrElse(
      (found) => found === undefined,
      (found) => new UsageError(`Cannot use --out ${out} as ${found}`),
    ),
    TE.chainTaskK(() => async () =>
      yes || (resume !== undefined && await isSameFolder(out, resume))
    ),
    TE.chain((agreed) =>
      agreed ? TE.right(over) : pipe(
        TE.fromTask(() => describeHeld(out)),
        TE.chain((held) => {
          if (held === undefined) {
            return TE.right<UsageError, OutChoice>({ ...over, begin: "empty" });
          }
          return askToOverwrite(out) ? TE.right(over) : TE.left(createHeldError(out, held));
        }),
      )
    ),
  );
};

/** Says in words why a path can be no folder; `undefined` if it is one, or can be created. */
async function describeNoFolder(path: string): Promise<string | undefined> {
  if (await isFolder(path)) return undefined;
  if (await exists(path)) return "it is not a folder";
  const isLink = await Deno.lstat(path).then(({ isSymlink }) => isSymlink, () => false);
  if (isLink) return "it is a link that leads nowhere";
  // The nearest of those above that is there.
  let above = dirname(resolve(path));
  while (!await exists(above) && dirname(above) !== above) above = dirname(above);
  return await isFolder(above) ? undefined : `${above} is not a folder`;
}

/** Creates the error of a folder that is in use, from what it holds and what can be done about it. */
const createHeldError = (dir: string, held: string): UsageError =>
  new UsageError(
    `Cannot use --out ${dir} as it holds ${held}overwrite it with --yes, or name another folder`,
  );

/** Creates the error of a folder in which another run has begun. */
export const createBegunError = (dir: string): UsageError => createHeldError(dir, BEGUN);

const BEGUN = "a config.json already, of a run that has not saved yet or of something else: ";

/** Describes in words what of a run a folder holds; `undefined` if nothing. */
async function describeHeld(dir: string): Promise<string | undefined> {
  const names: readonly string[] = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)
    .catch(() => []);
  // It may have lost its pointer, and can go on all the same.
  if (names.some(isSavedFile)) {
    return `a run already: go on with it by --resume ${quotePath(dir)}, `;
  }
  if (names.includes(BEST)) return `a ${BEST} already: `;
  if (names.includes(CONFIG)) return BEGUN;
  // Saving would remove it, as what another save has left.
  const other = names.find((name) => isRunFile(name) && name !== LOCK);
  return other === undefined ? undefined : `a ${other} already: `;
}

const formatTime = (time: Date): string =>
  time.toISOString().slice(0, 19).replace("T", "_").replaceAll(":", "-");

const askToOverwrite = (dir: string): boolean =>
  Deno.stdin.isTerminal() && confirm(`${dir} holds a run already. Overwrite it?`);
