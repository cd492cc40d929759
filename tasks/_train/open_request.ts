import * as E from "fp-ts/lib/Either.js";
import { getOrThrow, openCheckpointStore } from "../../models/mod.ts";
import { formatError, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { isSameFolder, joinPath } from "../_files/files.ts";
import { folderFiles } from "../_files/folder_files.ts";
import { CONFIG, isFolder, LOG } from "../_model/run_files.ts";
import { readTuning } from "../_model/tuning_file.ts";
import { printNote } from "../_text/print.ts";
import { resumeSettings } from "./choose_settings.ts";
import { describeFinished } from "./describe_run.ts";
import { readConfig } from "./read_config.ts";
import type { SavedRun } from "./parse_run.ts";
import { checkBest, readRun } from "./read_run.ts";
import { formatConfig, RUN_VERSION } from "./run_config.ts";
import { isUntested } from "./report/run_log.ts";
import type { RunRequest } from "./run_request.ts";
import { lockForRun } from "./saving/hold_folder.ts";
import { readRuntime, rememberFlags, type Runtime } from "./runtime.ts";
import type { trainFlags } from "./train_flags.ts";

type Flags = FlagValues<typeof trainFlags>;

/** What a command line asks for, once the run that is to go on has been looked at. */
export interface OpenedRequest extends RunRequest {
  /** Why nothing is left to do; undefined if there is. */
  readonly finished: string | undefined;
}

/** Opens what a command line asks for: a new run, or one that goes on, whose folder is locked from now on. */
export async function openRequest(
  given: Flags,
  note: (line: string) => void,
  keep: RunRequest["keep"],
): Promise<OpenedRequest> {
  const { resume } = given;
  const common = { keep, note, resumed: undefined, saved: undefined, finished: undefined };
  const file = { tuning: await readTuning(note), isLocked: false };
  if (resume === undefined) return { ...common, ...file, flags: given };
  const isLocked = given.out === undefined || await isSameFolder(given.out, resume);
  // What is no folder is told of otherwise.
  if (isLocked && await isFolder(resume)) keep(await lockForRun(resume, printNote));
  const { saved, warnings } = getOrThrow(await readRun(resume)());
  warnings.forEach(printNote);
  if (!saved) {
    const flags = await beginAnew(given, resume);
    note(`resumed: ${resume} has no checkpoint, so the run begins anew as its ${CONFIG} says`);
    return { ...common, ...file, isLocked, flags };
  }
  await compareConfig(saved, resume);
  const flags = rememberFlags(given, saved.runtime);
  const resumed = getOrThrow(resumeSettings(saved.settings, flags, saved.position));
  const isScored = !await isToBeTested(resume);
  const finished = isScored
    ? describeFinished(resumed, saved.position, { resume, steps: flags.steps })
    : undefined;
  if (finished !== undefined) {
    (await checkBest(resume, saved.position)).forEach(printNote);
    if (isLocked) await tidyFolder(resume);
  }
  // What was chosen for the adapter stays, whatever has been found for it since.
  const isSame = saved.runtime?.backend === "webgpu" && flags.backend === "webgpu";
  const tuning = isSame ? saved.runtime?.tuning : file.tuning;
  return { ...common, flags, saved, resumed, tuning, isLocked, finished };
}

/** Makes up for what the last save of a run has left undone where it was killed just then. What can't be done is in nobody's way. */
const tidyFolder = (dir: string): Promise<unknown> =>
  openCheckpointStore(folderFiles(dir)).catch(() => {});

/** Makes the flags of a run that begins anew in the folder in which it had begun. */
async function beginAnew(given: Flags, dir: string): Promise<Flags> {
  const path = joinPath(dir, CONFIG);
  const { weights, runtime } = await readBegun(path, dir);
  const { resume: _, ...flags } = rememberFlags(given, runtime);
  return {
    ...flags,
    config: path,
    out: given.out ?? dir,
    yes: given.yes || given.out === undefined || await isSameFolder(given.out, dir),
    ...weights !== undefined && { weights },
  };
}

/** Reads of a configuration what flags of a new run can't say. */
async function readBegun(
  path: string,
  dir: string,
): Promise<{ readonly weights?: string; readonly runtime?: Runtime | undefined }> {
  const refuse = (error: unknown) => {
    throw new UsageError(
      `Cannot go on with ${dir} as it has no checkpoint, and its ${CONFIG} can't be used: ${
        formatError(error)
      }`,
    );
  };
  const settings = await readConfig(path)();
  if (E.isLeft(settings)) return refuse(settings.left);
  const { weights, runtime } = JSON.parse(await Deno.readTextFile(path));
  return {
    ...typeof weights === "string" && { weights },
    runtime: readRuntime(runtime),
  };
}

/** Tells of a configuration that isn't that of the checkpoint, which counts. */
async function compareConfig(saved: SavedRun, dir: string): Promise<void> {
  const { data, runtime, model, settings, pipeline, weights } = saved;
  if (!data || !runtime) return;
  const config = { version: RUN_VERSION, model, settings, data };
  const expected = formatConfig({
    ...config,
    ...pipeline && { pipeline },
    ...weights !== undefined && { weights },
    runtime,
  });
  const path = joinPath(dir, CONFIG);
  const text = await Deno.readTextFile(path).catch(() => undefined);
  if (text === expected) return;
  printNote(
    `warning: ${path} is ${
      text === undefined ? "missing" : "not what the run was saved with"
    }; its checkpoint's settings are used instead`,
  );
}

/** Tells whether a run's best parameters are still to be scored on the test images, once all else is done. */
async function isToBeTested(dir: string): Promise<boolean> {
  const log = await Deno.readFile(joinPath(dir, LOG)).catch(() => undefined);
  return log !== undefined && isUntested(log);
}
