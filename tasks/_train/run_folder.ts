import {
  encodeSafetensors,
  exportOptimizerState,
  exportParams,
  type Network,
  type Optimizer,
  type StoredTensor,
  type TrainState,
} from "../../models/mod.ts";
import { formatError } from "../_cli/errors.ts";
import {
  getFreeBytes,
  joinPath,
  writeFileAtomically,
  writeTextFileAtomically,
} from "../_files/files.ts";
import { type ModelConfig, RUN_METADATA } from "../_model/model_config.ts";
import type { RunCounters } from "./run_counters.ts";
import type { TrainSettings } from "./train_settings.ts";

/** The configuration of a run, as in `config.json` and a checkpoint's metadata. */
export interface RunConfig {
  readonly model: ModelConfig;
  readonly settings: TrainSettings;
}

/** The folder that a run is saved to. */
export interface RunFolder {
  readonly dir: string;
  /** Saves parameters, optimizer and counters, so that `--resume` goes on from here. */
  save(state: TrainState, counters: RunCounters, options: { best: boolean }): Promise<void>;
  /** Removes the folder if it was created for this run and nothing has been saved to it. */
  discard(): Promise<void>;
}

/**
 * Creates the folder and writes `config.json`, before any work is done: a folder that cannot be written to, or lacks the
 * space for what will be saved, is found out now.
 *
 * @param exportState Exports the optimizer's state; by default all of it is in the state.
 * @throws {Error} If the system refuses.
 */
export async function openRunFolder(
  dir: string,
  network: Network,
  optimizer: Optimizer,
  config: RunConfig,
  exportState = (state: TrainState): Promise<Record<string, StoredTensor>> =>
    exportOptimizerState(network, state.optimizer),
): Promise<RunFolder> {
  const created = await createFolder(dir);
  const configPath = joinPath(dir, "config.json");
  try {
    await checkSpace(dir, network, optimizer);
    await writeTextFileAtomically(configPath, JSON.stringify(config, null, 2) + "\n");
  } catch (error) {
    if (created) await Deno.remove(dir);
    throw error;
  }
  let saved = !created;
  return {
    dir,
    async save(state, counters, { best }) {
      const optimizerFile = `optimizer-${state.step}.safetensors`;
      const metadata = {
        format: "pt",
        [RUN_METADATA]: JSON.stringify({ ...config, progress: counters, optimizerFile }),
      };
      // The optimizer's state first, under a name of this step: whenever the process ends, `last` names one that fits it.
      const running = await exportState(state);
      await writeFileAtomically(joinPath(dir, optimizerFile), encodeSafetensors(running));
      const params = encodeSafetensors(await exportParams(network, state.params), metadata);
      try {
        await writeFileAtomically(joinPath(dir, "last.safetensors"), params);
      } catch (error) {
        if (!saved) await Deno.remove(joinPath(dir, optimizerFile));
        throw error;
      }
      saved = true;
      if (best) await writeFileAtomically(joinPath(dir, "best.safetensors"), params);
      await removeOptimizersBut(dir, optimizerFile);
    },
    async discard() {
      if (!saved) {
        await Deno.remove(configPath);
        await Deno.remove(dir);
      }
    },
  };
}

/** Creates a folder and tells whether it was missing. */
async function createFolder(dir: string): Promise<boolean> {
  try {
    const there = await Deno.stat(dir).then(({ isDirectory }) => isDirectory, () => false);
    await Deno.mkdir(dir, { recursive: true });
    return !there;
  } catch (error) {
    throw new Error(`Cannot use --out ${dir} as the system refuses: ${formatError(error)}`, {
      cause: error,
    });
  }
}

/** Checks the space for a save: parameters twice, as last and best, the optimizer's state, and either once more before it replaces. */
async function checkSpace(dir: string, network: Network, { slots }: Optimizer): Promise<void> {
  const parameters = network.parameters
    .map(({ shape }) => shape.reduce((a, b) => a * b, 1) * Float32Array.BYTES_PER_ELEMENT)
    .reduce((a, b) => a + b, 0);
  const needed = parameters * (2 + slots.length + Math.max(1, slots.length));
  const free = await getFreeBytes(dir);
  if (free >= needed) return;
  const formatSize = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  throw new Error(
    `Cannot use --out ${dir} as it has ${formatSize(free)} free: saving takes ${
      formatSize(needed)
    }`,
  );
}

async function removeOptimizersBut(dir: string, kept: string): Promise<void> {
  for await (const { name } of Deno.readDir(dir)) {
    if (/^optimizer-\d+\.safetensors$/.test(name) && name !== kept) {
      await Deno.remove(joinPath(dir, name));
    }
  }
}
