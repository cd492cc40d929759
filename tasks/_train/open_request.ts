import * as E from "fp-ts/lib/Either.js";
import { getOrThrow } from "../../models/mod.ts";
import { formatError, UsageError } from "../_cli/errors.ts";
import { type FlagValues, omitUndefined } from "../_cli/flags.ts";
import { isSameFolder, joinPath } from "../_files/files.ts";
import { checkModelFile, checkNetworkOf } from "../_model/load_model.ts";
import { CONFIG, isFolder, LOG } from "../_model/run_files.ts";
import { readTuning } from "../_model/tuning_file.ts";
import { printNote } from "../_text/print.ts";
import { resumeSettings } from "./settings/choose_settings.ts";
import { describeFinished } from "./describe_run.ts";
import { readConfig } from "./read_config.ts";
import type { SavedRun } from "./parse_run.ts";
import { recallRetry } from "./not_finite.ts";
import { checkBest, readRun } from "./read_run.ts";
import { RUN_VERSION } from "../_model/model_config.ts";
import { formatConfig } from "./run_config.ts";
import { isUntested } from "./report/run_log.ts";
import type { RunRequest } from "./run_request.ts";
import { lockForRun } from "./saving/hold_folder.ts";
import { tidyFolder } from "./saving/tidy_folder.ts";
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
  ranks?: RunRequest["ranks"],
): Promise<OpenedRequest> {
  const { resume } = given;
  const common = { keep, note, ranks, resumed: undefined, saved: undefined, finished: undefined };
  const file = { tuning: await readTuning(note), isLocked: false };
  if (resume === undefined) return { ...common, ...file, flags: given };
  const isLocked = given.out === undefined || await isSameFolder(given.out, resume);
  // What is no folder is told of otherwise.
  if (isLocked && await isFolder(resume)) keep(await lockForRun(resume, printNote));
  const { saved: found, warnings } = getOrThrow(await readRun(resume)());
  warnings.forEach(printNote);
  const origin = found ? undefined : await readOrigin(resume, given);
  if (origin) {
    note(`resumed: ${resume} has no checkpoint yet, so the run goes on from ${origin.from} again`);
    const out = given.out ?? resume;
    const again = {
      ...origin.flags,
      ...given,
      resume: origin.from,
      out,
      yes: given.yes || isLocked,
    };
    return { ...await openRequest(again, note, keep, ranks), isLocked };
  }
  if (!found) {
    const begun = await beginAnew(given, resume);
    note(`resumed: ${resume} has no checkpoint, so the run begins anew as its ${CONFIG} says`);
    return { ...common, ...file, isLocked, ...begun };
  }
  const text = await Deno.readTextFile(joinPath(resume, CONFIG)).catch(() => undefined);
  const recalled = recallRetry(found, text);
  if (!recalled) compareConfig(found, text, resume);
  const { saved, retried } = recalled ?? { saved: found };
  const flags = rememberFlags(given, saved.runtime);
  const resumed = getOrThrow(resumeSettings(saved.settings, flags, saved.position));
  const isScored = !await isToBeTested(resume);
  const finished = isScored
    ? describeFinished(resumed, saved.position, { resume, steps: flags.steps, ranks })
    : undefined;
  if (finished === undefined) {
    await checkModel(saved, given.model, resume);
  } else {
    (await checkBest(resume, saved.position)).forEach(printNote);
    if (isLocked) await tidyFolder(resume);
  }
  // What was chosen for the adapter stays, whatever has been found for it since.
  const isSame = saved.runtime?.backend === "webgpu" && flags.backend === "webgpu";
  const tuning = isSame ? saved.runtime?.tuning : file.tuning;
  return { ...common, flags, saved, resumed, tuning, isLocked, finished, retried };
}

/** Checks that the network that goes on is the one that was saved. A file that is named anew is meant. */
async function checkModel(
  { model, params }: SavedRun,
  name: string | undefined,
  source: string,
): Promise<void> {
  const given = name !== undefined;
  if (!given) getOrThrow(await checkModelFile(model, source)());
  const config = given ? { ...model, name } : model;
  getOrThrow(await checkNetworkOf(config, params, { source, given })());
}

/** Reads where a run that nothing was saved of went on from, and how; undefined if it had begun by itself. */
async function readOrigin(
  dir: string,
  { distributed }: Flags,
): Promise<{ readonly from: string; readonly flags: Partial<Flags> } | undefined> {
  const path = joinPath(dir, CONFIG);
  const text = await Deno.readTextFile(path).catch(() => "");
  const config = E.tryCatch((): unknown => JSON.parse(text), E.toError);
  const { from, runtime }: { readonly from?: unknown; readonly runtime?: unknown } =
    E.isRight(config) ? Object(config.right) : {};
  if (typeof from !== "string") return undefined;
  const { epochs, patience, data, onBadRecord } = getOrThrow(await readConfig(path)());
  const flags = rememberFlags(omitUndefined({ distributed }), readRuntime(runtime));
  return { from, flags: { ...flags, ...omitUndefined({ epochs, patience, data, onBadRecord }) } };
}

/** Makes the flags of a run that begins anew in the folder in which it had begun, and tells whether it had gone back there. */
async function beginAnew(
  given: Flags,
  dir: string,
): Promise<Pick<RunRequest, "flags" | "retried">> {
  const path = joinPath(dir, CONFIG);
  const { weights, runtime } = await readBegun(path, dir);
  const { resume: _, ...flags } = rememberFlags(given, runtime);
  const begun = {
    ...flags,
    config: path,
    out: given.out ?? dir,
    yes: given.yes || given.out === undefined || await isSameFolder(given.out, dir),
    ...weights !== undefined && { weights },
  };
  const step = runtime?.retried;
  return { flags: begun, retried: step === undefined ? undefined : { step } };
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
function compareConfig(saved: SavedRun, text: string | undefined, dir: string): void {
  const { data, runtime, model, settings, pipeline, weights } = saved;
  if (!data || !runtime) return;
  const config = { version: RUN_VERSION, model, settings, data };
  const expected = formatConfig({
    ...config,
    ...pipeline && { pipeline },
    ...weights !== undefined && { weights },
    runtime,
  });
  if (text === expected) return;
  printNote(
    `warning: ${joinPath(dir, CONFIG)} is ${
      text === undefined ? "missing" : "not what the run was saved with"
    }; its checkpoint's settings are used instead`,
  );
}

/** Tells whether a run's best parameters are still to be scored on the test images, once all else is done. */
async function isToBeTested(dir: string): Promise<boolean> {
  const log = await Deno.readFile(joinPath(dir, LOG)).catch(() => undefined);
  return log !== undefined && isUntested(log);
}
