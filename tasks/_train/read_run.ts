import { joinPath } from "../_files/files.ts";
import { readCheckpoint } from "../_model/checkpoint.ts";
import { RUN_METADATA } from "../_model/model_config.ts";
import { CheckpointError, type StoredTensor } from "../../models/mod.ts";
import type { RunConfig } from "./run_folder.ts";
import type { RunCounters } from "./run_counters.ts";

/** A run as it was saved. */
export interface SavedRun extends RunConfig {
  readonly progress: RunCounters;
  readonly params: Readonly<Record<string, StoredTensor>>;
  readonly optimizer: Readonly<Record<string, StoredTensor>>;
}

/**
 * Reads the run that was saved to a folder.
 *
 * @throws {CheckpointError} When there is none, or it isn't whole.
 */
export async function readRun(dir: string): Promise<SavedRun> {
  const path = joinPath(dir, "last.safetensors");
  const { tensors, metadata } = await readCheckpoint(path);
  const text = metadata[RUN_METADATA];
  if (text === undefined) {
    throw new CheckpointError(
      `Cannot go on from ${path} as it holds no run, only parameters: start from them with --weights`,
    );
  }
  const { model, settings, progress, optimizerFile } = JSON.parse(text);
  const optimizer = await readCheckpoint(joinPath(dir, optimizerFile));
  return { model, settings, progress, params: tensors, optimizer: optimizer.tensors };
}
