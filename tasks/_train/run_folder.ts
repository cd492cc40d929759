import { errorLine } from "../_cli/error_line.ts";
import { joinPath } from "../_files/join_path.ts";
import { writeWhole, writeWholeText } from "../_files/write_whole.ts";
import { RUN_METADATA } from "../_model/run_metadata.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import {
  encodeSafetensors,
  exportOptimizerState,
  exportParams,
  type Network,
  type TrainState,
} from "../../models/mod.ts";
import type { RunProgress } from "./run_progress.ts";
import type { TrainSettings } from "./train_settings.ts";

/** What `config.json` and a checkpoint's metadata say of a run. */
export interface RunConfig {
  readonly model: ModelConfig;
  readonly settings: TrainSettings;
}

/** The folder that a run is saved to. */
export interface RunFolder {
  readonly dir: string;
  /** Saves parameters, optimiser and progress, so that `--resume` goes on from here. */
  save(state: TrainState, progress: RunProgress, options: { best: boolean }): Promise<void>;
  /** Removes the folder if it was made for this run and nothing has been saved to it. */
  discard(): Promise<void>;
}

/**
 * Makes the folder and writes `config.json`, before any work is done: a folder that cannot be written to is found out now.
 *
 * @throws {Error} When the system refuses.
 */
export async function openRunFolder(
  dir: string,
  network: Network,
  config: RunConfig,
): Promise<RunFolder> {
  const created = await makeFolder(dir);
  const configPath = joinPath(dir, "config.json");
  await writeWholeText(configPath, JSON.stringify(config, null, 2) + "\n");
  let saved = !created;
  return {
    dir,
    async save(state, progress, { best }) {
      const optimizerFile = `optimizer-${state.step}.safetensors`;
      const metadata = {
        format: "pt",
        [RUN_METADATA]: JSON.stringify({ ...config, progress, optimizerFile }),
      };
      // The optimiser's state first, under a name of this step: whenever the process ends, `last` names one that fits it.
      const running = await exportOptimizerState(network, state.optimizer);
      await writeWhole(joinPath(dir, optimizerFile), encodeSafetensors(running));
      const params = encodeSafetensors(await exportParams(network, state.params), metadata);
      await writeWhole(joinPath(dir, "last.safetensors"), params);
      saved = true;
      if (best) await writeWhole(joinPath(dir, "best.safetensors"), params);
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

/** Makes a folder and says whether it wasn't there. */
async function makeFolder(dir: string): Promise<boolean> {
  try {
    const there = await Deno.stat(dir).then(({ isDirectory }) => isDirectory, () => false);
    await Deno.mkdir(dir, { recursive: true });
    return !there;
  } catch (error) {
    throw new Error(`Cannot use --out ${dir} as the system refuses: ${errorLine(error)}`, {
      cause: error,
    });
  }
}

async function removeOptimizersBut(dir: string, kept: string): Promise<void> {
  for await (const { name } of Deno.readDir(dir)) {
    if (/^optimizer-\d+\.safetensors$/.test(name) && name !== kept) {
      await Deno.remove(joinPath(dir, name));
    }
  }
}
