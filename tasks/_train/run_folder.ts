import { dirname, resolve } from "node:path";
import {
  type CopiedCheckpoint,
  FileSystemError,
  type Network,
  type Optimizer,
  type TrainingCopy,
} from "../../models/mod.ts";
import { formatError, quotePath, UsageError } from "../_cli/errors.ts";
import {
  createNewFolder,
  isSameFolder,
  joinPath,
  writeTextFileAtomically,
} from "../_files/files.ts";
import { folderFiles } from "../_files/folder_files.ts";
import { RUN_METADATA } from "../_model/model_config.ts";
import {
  BEST,
  CONFIG,
  describeNoFile,
  exists,
  isSavedFile,
  LOG,
  openRunReader,
} from "../_model/run_files.ts";
import { checkSpace } from "./saving/check_space.ts";
import { createBegunError, type OutChoice } from "./choose_out.ts";
import { formatConfig, formatConfigLine, type RunConfig } from "./run_config.ts";
import { type HeldFolder, holdFolder } from "./saving/hold_folder.ts";
import { removeOldFiles } from "./saving/tidy_folder.ts";
import { openSaver, type Saver, type ToSave } from "./saving/saver.ts";
import { formatTrainCommand, type LedRanks } from "./ranks.ts";

/** The folder that a run is saved to. */
export interface RunFolder {
  readonly dir: string;
  /** Files in it that were found damaged when it was opened, in words. */
  readonly refused: readonly string[];
  /**
   * Saves parameters, optimizer and position, so that `--resume` goes on from here. Gives memory for the next. A folder that was
   * removed is made again, and a save that failed by that is tried once more.
   *
   * @param tell Is called before each try, when the folder is there; at once, if it is.
   */
  save(checkpoint: CopiedCheckpoint, tell?: () => void): Promise<ArrayBuffer | undefined>;
  /**
   * Has the run go on by another configuration, which is there at once and outlives a loss of power; over another run's, by the next
   * save.
   */
  reconfigure(config: RunConfig): Promise<void>;
  /** Tells whether the run's best parameters are there. */
  hasBest(): Promise<boolean>;
  /** Removes what was created for this run, if nothing has been saved to it. What else lies there stays. Never fails. */
  discard(): Promise<void>;
  /** Gives the folder free, once what is being saved is. Never fails. */
  close(): Promise<void>;
}

/** Options for {@linkcode openRunFolder}. */
export interface RunFolderOptions {
  /** How the run begins there. */
  readonly begin?: OutChoice["begin"];
  /** The folder of the run that goes on, whose best parameters are kept. */
  readonly resume?: string | undefined;
  /** The step that it was saved after. */
  readonly step?: number | undefined;
  /** Whether the folder is locked for this run already. */
  readonly isLocked?: boolean;
  /** How many saves there will be at the most. */
  readonly saves?: number;
  /** The processes that share the run; this one alone by default. */
  readonly ranks?: LedRanks | undefined;
  /** Takes a line that warns. */
  readonly warn?: (line: string) => void;
  /** Makes anew what others have in the folder, such as the log, where it is not there any more. Is called before each save. */
  readonly renew?: () => void;
  /** Gives the worker that saves, which the folder ends; by default one that is started now. */
  readonly takeSaver?: () => Worker;
}

/**
 * Creates the folder, locks it, and writes `config.json`, before any work is done: a folder that cannot be written to, or lacks the
 * space for what will be saved, is found out now. What a run has saved there before stays until this one saves.
 *
 * @throws {Error} If the system refuses, or another run has begun there.
 */
export async function openRunFolder(
  chosen: string,
  network: Network,
  optimizer: Optimizer,
  config: RunConfig,
  options: RunFolderOptions = {},
): Promise<RunFolder> {
  const { begin = "empty", resume, step, saves = Infinity, warn = () => {} } = options;
  const { dir, created } = await createFolder(chosen, begin);
  const isSame = resume !== undefined && await isSameFolder(resume, dir);
  const replace = begin === "over" && !isSame;
  const at = (name: string) => joinPath(dir, name);
  const remove = (name: string) => Deno.remove(at(name)).catch(() => {});
  const hadLog = await exists(at(LOG));
  let configText = formatConfig(config);
  let held: HeldFolder | undefined;
  let saver: Saver | undefined;
  let isOwnConfig = false;
  const close = async () => {
    await saver?.close();
    held?.release();
  };
  const discard = async () => {
    // Where it was removed, another run may have it by now.
    if (held?.isThere()) {
      if (isOwnConfig) await remove(CONFIG);
      if (!hadLog && begin !== "over") await remove(LOG);
    }
    await close();
    // Fails if there is anything else in one, which is right.
    for (const folder of created) await Deno.remove(folder).catch(() => {});
  };
  try {
    await requireFiles(dir);
    held = await holdFolder(dir, { isLocked: options.isLocked ?? false, warn });
    await checkSpace(dir, network, optimizer, { keep: config.runtime.keep, saves });
    isOwnConfig = !await Deno.lstat(at(CONFIG)).then(() => true, () => false);
    // As a whole: a run that is killed now begins anew by it, or goes on from where it would have.
    if (isOwnConfig) {
      const from = resume !== undefined && !isSame && await Deno.realPath(resume);
      await writeTextFileAtomically(
        at(CONFIG),
        from ? formatConfig({ ...config, from }) : configText,
      );
    }
    if (!isOwnConfig && begin !== "over") throw createBegunError(dir);
    // The configuration that is there stays as long as the run that was saved with it.
    if (!isOwnConfig) await tryFolder(dir);
    saver = await openSaver(dir, { keep: config.runtime.keep, replace }, options.takeSaver?.())
      .catch(explain(dir));
  } catch (error) {
    await discard();
    throw error;
  }

  let metadata = { [RUN_METADATA]: formatConfigLine(config) };
  /** The folder of a run that goes on here, with its best parameters, as long as it has none that are better. */
  const origin = isSame ? undefined : resume;
  let hasOwnBest = false;
  let elsewhere = origin;
  let saved: number | undefined;
  /** The step that was saved last in the folder as it is. */
  let there = isSame ? step : undefined;
  const [opened, hold] = [saver, held];
  /** Makes the folder again, where it was removed. */
  const renew = async () => {
    const isEmptied = !await exists(at(CONFIG));
    await hold.renew();
    await opened.reopen(replace && saved === undefined).catch(explain(dir));
    if (!isEmptied) return;
    there = undefined;
    elsewhere = hasOwnBest ? undefined : origin;
    await writeTextFileAtomically(at(CONFIG), configText);
    warn(
      `warning: ${dir} was removed while the run saved to it: it is made again, with what is saved and logged from now on`,
    );
  };
  return {
    dir,
    refused: opened.refused.map(({ reason }) => reason),
    async save({ training, best, permanent }, tell = () => {}) {
      const isFirst = saved === undefined;
      let left: ToSave = { training, options: { best, permanent, metadata } };
      let memory: ArrayBuffer | undefined;
      for (let attempt = 1;; attempt++) {
        // Where it is there nothing is waited for: what is told stands before what is told of later steps.
        const isRenewed = !hold.isThere();
        if (isRenewed) await renew();
        options.renew?.();
        if (attempt === 1 || isRenewed) tell();
        const before = !best && elsewhere !== undefined ? await loadBest(elsewhere) : undefined;
        const outcome = await opened.save({
          ...left,
          options: { ...left.options, best: before ?? left.options.best },
        });
        if (!outcome.error) {
          ({ memory } = outcome);
          break;
        }
        const { error } = outcome;
        const isMissing = /\(os error [23]\)/.test(error.message);
        // Whoever removes a folder takes a while for it.
        if (isMissing) await new Promise((resolve) => setTimeout(resolve, 300));
        const isRemoved = !hold.isThere();
        if (attempt === 1 && outcome.left && (isMissing || isRemoved)) {
          ({ left } = outcome);
          continue;
        }
        if (isRemoved) throw createRemovedError(dir, error);
        explain(dir, there, options.ranks)(error);
      }
      elsewhere = undefined;
      hasOwnBest ||= best;
      there = saved = training.position?.step;
      if (isFirst || !await exists(at(CONFIG))) {
        await writeTextFileAtomically(at(CONFIG), configText);
      }
      if (isFirst) await removeOldFiles(dir);
      return memory;
    },
    async reconfigure(config) {
      configText = formatConfig(config);
      metadata = { [RUN_METADATA]: formatConfigLine(config) };
      if (!hold.isThere()) await renew();
      if (saved === undefined && !isSame && await holdsSaved(dir)) return;
      await writeTextFileAtomically(at(CONFIG), configText);
      await folderFiles(dir).sync();
    },
    hasBest: () => exists(at(BEST)),
    async discard() {
      if (saved === undefined) await discard();
    },
    close,
  };
}

/** Tells whether a folder holds what a run has saved. */
const holdsSaved = async (dir: string): Promise<boolean> =>
  (await folderFiles(dir).list()).some(isSavedFile);

/** Loads the best parameters of a run that goes on in another folder. */
async function loadBest(dir: string): Promise<TrainingCopy | undefined> {
  const { checkpoint } = await openRunReader(dir).loadBest();
  return checkpoint && { params: checkpoint.params, position: checkpoint.position };
}

/**
 * Makes the function that throws an error of saving with what was saved before, and how to go on.
 *
 * @param step The step that was saved last.
 * @param ranks Who shares the run.
 */
const explain = (dir: string, step?: number, ranks?: LedRanks) => (error: unknown): never => {
  if (!(error instanceof FileSystemError)) throw error;
  const { action, file, cause } = error;
  const go = step === undefined
    ? ""
    : `; what was saved after step ${step} is whole, so make room or whatever it takes and go on with: ${
      formatTrainCommand(`--resume ${quotePath(dir)}`, ranks)
    }`;
  throw new Error(`Cannot ${action} ${file} as the system refuses: ${formatError(cause)}${go}`, {
    cause: error,
  });
};

/** Creates the error of a folder that is removed again and again. */
const createRemovedError = (dir: string, cause: Error): Error =>
  new Error(
    `Cannot save to ${dir} as it was removed while the run saved to it, and removed again; what was saved before is gone: ` +
      "begin the run anew, in a folder that stays",
    { cause },
  );

/** Creates the folder, if it is missing, and tells its path, and which folders it created, the innermost first. */
async function createFolder(
  dir: string,
  begin: OutChoice["begin"],
): Promise<{ readonly dir: string; readonly created: readonly string[] }> {
  try {
    const above: string[] = [];
    let next = dirname(resolve(dir));
    for (; !await exists(next) && dirname(next) !== next; next = dirname(next)) above.push(next);
    for (let number = 1; begin === "numbered"; number++) {
      const numbered = number === 1 ? dir : `${dir}-${number}`;
      if (await createNewFolder(numbered)) return { dir: numbered, created: [numbered, ...above] };
    }
    if (await createNewFolder(dir)) return { dir, created: [dir, ...above] };
    // Fails if there is something else of that name.
    await Deno.mkdir(dir, { recursive: true });
    return { dir, created: [] };
  } catch (error) {
    throw createSaveError(dir, error);
  }
}

/** Checks that no folder or pipe is in the way of a file. */
async function requireFiles(dir: string): Promise<void> {
  const found = await describeNoFile(dir).catch((error) => {
    throw createSaveError(dir, error);
  });
  if (found !== undefined) {
    throw new UsageError(`Cannot save to ${dir} as ${found}, or name another folder`);
  }
}

/** Tries whether files can be written to a folder. */
async function tryFolder(dir: string): Promise<void> {
  try {
    await Deno.remove(await Deno.makeTempFile({ dir }));
  } catch (error) {
    throw createSaveError(dir, error);
  }
}

const createSaveError = (dir: string, cause: unknown): Error =>
  new Error(`Cannot save to ${dir} as the system refuses: ${formatError(cause)}`, { cause });
