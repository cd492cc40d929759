import {
  encodeCheckpoint,
  type EncodeCheckpointOptions,
  type TrainingCopy,
  type TrainingSnapshot,
} from "../../models/mod.ts";
import { collect } from "../../pipelines/mod.ts";
import { type ModelConfig, RUN_METADATA, RUN_VERSION } from "../_model/model_config.ts";

/** Encodes a checkpoint that says its network as those of runs do, so that all that reads them reads it. */
export async function encodeModel(
  training: TrainingSnapshot | TrainingCopy,
  model: ModelConfig,
  options: Pick<EncodeCheckpointOptions, "contents" | "data">,
): Promise<Uint8Array<ArrayBuffer>> {
  const metadata = { [RUN_METADATA]: JSON.stringify({ version: RUN_VERSION, model }) };
  const parts = await collect(encodeCheckpoint(training, { ...options, metadata }));
  // Not every browser has `Blob.bytes`.
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
