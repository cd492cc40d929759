import {
  encodeCheckpoint,
  type Network,
  type Optimizer,
  type SavableCheckpoint,
} from "../../models/mod.ts";
import { formatError } from "../_cli/errors.ts";
import {
  copyFileAtomically,
  createNewFolder,
  getTemporaryTarget,
  isSameFolder,
  joinPath,
  writeFileAtomically,
  writeNewTextFile,
  writeTextFileAtomically,
} from "../_files/files.ts";
import { RUN_METADATA } from "../_model/model_config.ts";
import { BEST, exists, LAST } from "../_model/run_files.ts";
import { checkSpace } from "./check_space.ts";
import { createBegunError, type OutChoice } from "./choose_out.ts";
import { CONFIG } from "./read_config.ts";
import type { RunConfig } from "./run_config.ts";

/** The folder that a run is saved to. */
export interface RunFolder {
  readonly dir: string;
  /** Saves parameters, optimizer and position, so that `--resume` goes on from here. */
  save(checkpoint: Omit<SavableCheckpoint, "kind" | "reason">): Promise<void>;
  /** Tells whether the run's best parameters are there. */
  hasBest(): Promise<boolean>;
  /** Removes what was created for this run, if nothing has been saved to it. What else lies there stays. Never fails. */
  discard(): Promise<void>;
}

/** Options for {@linkcode openRunFolder}. */
export interface RunFolderOptions {
  /** How the run begins there. */
  readonly begin?: OutChoice["begin"];
  /** The folder of the run that goes on, whose best parameters are kept. */
  readonly resume?: string | undefined;
  /** How many saves there will be at the most. */
  readonly saves?: number;
}

const OPTIMIZER = /^optimizer-\d+(?:-\d+)?\.safetensors$/;

/** Tells whether a run's folder has its own files of such a name. */
export const isRunFile = (name: string): boolean =>
  [CONFIG, LAST, BEST].includes(name) || OPTIMIZER.test(name);

/**
 * Creates the folder and writes `config.json`, before any work is done: a folder that cannot be written to, or lacks the
 * space for what will be saved, is found out now. What a run has saved there before stays until this one saves.
 *
 * @throws {Error} If the system refuses, or another run has begun there.
 */
export async function openRunFolder(
  chosen: string,
  network: Network,
  optimizer: Optimizer,
  config: RunConfig,
  {
    begin = "empty",
    resume,
    saves = Infinity,
  }: RunFolderOptions = {},
): Promise<RunFolder> {
  const { dir, created } = await createFolder(chosen, begin);
  const configPath = joinPath(dir, CONFIG);
  const configText = JSON.stringify(config, null, 2) + "\n";
  const remove = (name: string) => Deno.remove(joinPath(dir, name)).catch(() => {});
  let isOwnConfig = false;
  const discard = async () => {
    if (isOwnConfig) await remove(CONFIG);
    // Fails if there is anything else in it, which is right.
    if (created) await Deno.remove(dir).catch(() => {});
  };
  try {
    await checkSpace(dir, network, optimizer, saves);
    isOwnConfig = await writeNewTextFile(configPath, configText);
    if (!isOwnConfig && begin !== "over") throw createBegunError(dir);
    // The configuration that is there stays as long as the run that was saved with it.
    if (!isOwnConfig) await tryFolder(dir);
  } catch (error) {
    await discard();
    throw error;
  }

  const isSame = resume !== undefined && await isSameFolder(resume, dir);
  /** The best parameters of the run that goes on, if they lie elsewhere. */
  const bestBefore = resume === undefined || isSame ? undefined : joinPath(resume, BEST);
  let saved = false;
  return {
    dir,
    async save(checkpoint) {
      const { best, state } = checkpoint;
      // It may have been removed meanwhile.
      await createFolder(dir, "over");
      const optimizerFile = await chooseOptimizerFile(dir, state.step);
      const metadata = { [RUN_METADATA]: JSON.stringify({ ...config, optimizerFile }) };
      const encode = (contents: "params" | "optimizer", averaged = false) =>
        encodeCheckpoint(checkpoint, { contents, averaged, metadata, release: true });
      const isFirst = !saved;
      let hasBest = best || !isFirst || isSame;
      try {
        // The optimizer's state first, under a name of its own: whenever the process ends, `last` names one that fits it.
        await writeFileAtomically(joinPath(dir, optimizerFile), encode("optimizer"));
        // The best before the last, whose position says that it is there. It has what was evaluated.
        if (best) await writeFileAtomically(joinPath(dir, BEST), encode("params", true));
        if (!hasBest && bestBefore !== undefined && await exists(bestBefore)) {
          await copyFileAtomically(bestBefore, joinPath(dir, BEST));
          hasBest = true;
        }
        await writeFileAtomically(joinPath(dir, LAST), encode("params"));
      } catch (error) {
        await remove(optimizerFile);
        if (isFirst && begin !== "over") await remove(BEST);
        throw error;
      }
      saved = true;
      // Another run's, over which this one began.
      if (!hasBest) await remove(BEST);
      if (isFirst || !await exists(configPath)) {
        await writeTextFileAtomically(configPath, configText);
      }
      await removeLeftovers(dir, optimizerFile);
    },
    hasBest: () => exists(joinPath(dir, BEST)),
    async discard() {
      if (!saved) await discard();
    },
  };
}

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

/** Chooses a name for the optimizer's state after a step that isn't that of another run, over which this one began. */
async function chooseOptimizerFile(dir: string, step: number): Promise<string> {
  const name = `optimizer-${step}.safetensors`;
  return await exists(joinPath(dir, name)) ? `optimizer-${step}-1.safetensors` : name;
}

/** Removes older states of the optimizer, and what writes that were broken off have left. If that fails, the next save tries again. */
async function removeLeftovers(dir: string, kept: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(dir)) {
      const isOld = OPTIMIZER.test(name) && name !== kept;
      if (isOld || isRunFile(getTemporaryTarget(name) ?? "")) {
        await Deno.remove(joinPath(dir, name));
      }
    }
  } catch {
    // They are in nobody's way.
  }
}
