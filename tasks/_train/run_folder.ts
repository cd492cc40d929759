import {
  type CopiedCheckpoint,
  FileSystemError,
  type Network,
  type Optimizer,
  type TrainingCopy,
} from "../../models/mod.ts";
import { formatError, quotePath } from "../_cli/errors.ts";
import { formatCommand } from "../_cli/program.ts";
import {
  createNewFolder,
  getTemporaryTarget,
  isSameFolder,
  joinPath,
  writeTextFileAtomically,
} from "../_files/files.ts";
import { folderFiles } from "../_files/folder_files.ts";
import { type FolderLock, LOCK, lockFolder } from "../_files/lock.ts";
import { RUN_METADATA } from "../_model/model_config.ts";
import {
  BEST,
  exists,
  isSavedFile,
  LAST,
  LOG,
  openRunReader,
  POINTER,
} from "../_model/run_files.ts";
import { checkSpace } from "./saving/check_space.ts";
import { createBegunError, type OutChoice } from "./choose_out.ts";
import { CONFIG } from "./read_config.ts";
import { formatConfig, formatConfigLine, type RunConfig } from "./run_config.ts";
import { openSaver, type Saver } from "./saving/saver.ts";

/** The folder that a run is saved to. */
export interface RunFolder {
  readonly dir: string;
  /** Files in it that were found damaged when it was opened, in words. */
  readonly refused: readonly string[];
  /** Saves parameters, optimizer and position, so that `--resume` goes on from here. Gives memory for the next. */
  save(checkpoint: CopiedCheckpoint): Promise<ArrayBuffer | undefined>;
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
  /** Takes a line that warns. */
  readonly warn?: (line: string) => void;
}

/** What runs saved before there were generations. */
const OLD = /^(?:last|optimizer-\d+(?:-\d+)?)\.safetensors$/;

/** Tells whether a run's folder has its own files of such a name. */
export const isRunFile = (name: string): boolean =>
  [CONFIG, LOCK, POINTER, LAST, BEST].includes(name) || OLD.test(name) ||
  /^(?:step|best)-\d+(?:\.optimizer(?:-\d+)?)?\.safetensors(?:\.tmp)?$/.test(name);

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
  const at = (name: string) => joinPath(dir, name);
  const remove = (name: string) => Deno.remove(at(name)).catch(() => {});
  const hadLog = await exists(at(LOG));
  let configText = formatConfig(config);
  let lock: FolderLock | undefined;
  let saver: Saver | undefined;
  let isOwnConfig = false;
  const close = async () => {
    await saver?.close();
    lock?.release();
  };
  const discard = async () => {
    if (isOwnConfig) await remove(CONFIG);
    if (!hadLog && begin !== "over") await remove(LOG);
    await close();
    // Fails if there is anything else in it, which is right.
    if (created) await Deno.remove(dir).catch(() => {});
  };
  try {
    if (!options.isLocked) lock = await lockForRun(dir, warn);
    await checkSpace(dir, network, optimizer, { keep: config.runtime.keep, saves });
    isOwnConfig = !await exists(at(CONFIG));
    // As a whole: a run that is killed now begins anew by it.
    if (isOwnConfig) await writeTextFileAtomically(at(CONFIG), configText);
    if (!isOwnConfig && begin !== "over") throw createBegunError(dir);
    // The configuration that is there stays as long as the run that was saved with it.
    if (!isOwnConfig) await tryFolder(dir);
    saver = await openSaver(dir, {
      keep: config.runtime.keep,
      replace: begin === "over" && !isSame,
    }).catch(explain(dir));
  } catch (error) {
    await discard();
    throw error;
  }

  let metadata = { [RUN_METADATA]: formatConfigLine(config) };
  /** The folder of a run that goes on here, with its best parameters, until they are here. */
  let elsewhere = isSame ? undefined : resume;
  let saved: number | undefined;
  const opened = saver;
  return {
    dir,
    refused: opened.refused.map(({ reason }) => reason),
    async save({ training, best, permanent }) {
      const isFirst = saved === undefined;
      let memory: ArrayBuffer | undefined;
      try {
        const before = !best && elsewhere !== undefined ? await loadBest(elsewhere) : undefined;
        memory = await opened.save(training, { best: before ?? best, permanent, metadata });
        elsewhere = undefined;
        saved = training.position?.step;
      } catch (error) {
        explain(dir, saved ?? (isSame ? step : undefined))(error);
      }
      if (isFirst || !await exists(at(CONFIG))) {
        await writeTextFileAtomically(at(CONFIG), configText);
      }
      if (isFirst) await removeOldFiles(dir);
      return memory;
    },
    async reconfigure(config) {
      configText = formatConfig(config);
      metadata = { [RUN_METADATA]: formatConfigLine(config) };
      // It may have been removed meanwhile.
      await Deno.mkdir(dir, { recursive: true });
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

/** Locks a folder. A file system without locks is told of, and used. */
export async function lockForRun(
  dir: string,
  warn: (line: string) => void,
): Promise<FolderLock> {
  const lock = await lockFolder(dir);
  if (lock.missing !== undefined) {
    warn(`warning: Cannot lock ${dir}, so begin no other run there: ${lock.missing}`);
  }
  return lock;
}

/** Loads the best parameters of a run that goes on in another folder. */
async function loadBest(dir: string): Promise<TrainingCopy | undefined> {
  const { checkpoint } = await openRunReader(dir).loadBest();
  return checkpoint && { params: checkpoint.params, position: checkpoint.position };
}

/**
 * Makes the function that throws an error of saving with what was saved before, and how to go on.
 *
 * @param step The step that was saved last.
 */
const explain = (dir: string, step?: number) => (error: unknown): never => {
  if (!(error instanceof FileSystemError)) throw error;
  const { action, file, cause } = error;
  const go = step === undefined
    ? ""
    : `; what was saved after step ${step} is whole, so make room or whatever it takes and go on with: ${
      formatCommand(`train --resume ${quotePath(dir)}`)
    }`;
  throw new Error(`Cannot ${action} ${file} as the system refuses: ${formatError(cause)}${go}`, {
    cause: error,
  });
};

/** Creates the folder, if it is missing, and tells its path and whether it was. */
async function createFolder(
  dir: string,
  begin: OutChoice["begin"],
): Promise<{ readonly dir: string; readonly created: boolean }> {
  try {
    for (let number = 1; begin === "numbered"; number++) {
      const numbered = number === 1 ? dir : `${dir}-${number}`;
      if (await createNewFolder(numbered)) return { dir: numbered, created: true };
    }
    const created = await createNewFolder(dir);
    // Fails if there is something else of that name.
    if (!created) await Deno.mkdir(dir, { recursive: true });
    return { dir, created };
  } catch (error) {
    throw createSaveError(dir, error);
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

/** Removes what a run saved before there were generations, and what writes that were broken off have left. If that fails, it is in nobody's way. */
async function removeOldFiles(dir: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(dir)) {
      if (OLD.test(name) || isRunFile(getTemporaryTarget(name) ?? "")) {
        await Deno.remove(joinPath(dir, name));
      }
    }
  } catch {
    // The next run tries again.
  }
}
