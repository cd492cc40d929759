import {
  build,
  decodeCheckpoint,
  type DecodedCheckpoint,
  getOrThrow,
  importParams,
  type Network,
  type Variables,
} from "../../models/mod.ts";
import { disposeTensors } from "../../models/types/_tensors.ts";
import { isTorchFile } from "../../models/weights/_torch_archive.ts";
import { describeKnown, type ModelConfig, RUN_METADATA } from "../_model/model_config.ts";
import { isCodeFile } from "../_model/networks.ts";
import { parseModel } from "../_model/read_model.ts";
import { averageViews, planUse } from "../_model/views.ts";

/** A checkpoint with its network as that is used, and its variables on the backend. */
export interface OpenedCheckpoint {
  readonly model: ModelConfig;
  readonly network: Network;
  readonly variables: Variables;
  readonly saved: DecodedCheckpoint;
  /** Gives back the memory of the variables. */
  release(): void;
}

/**
 * Opens a checkpoint of a run, or one that a page has saved.
 *
 * @param name What it is called in messages.
 * @throws {Error} If it is damaged, doesn't say its network, or is for another one than it says.
 */
export async function openCheckpoint(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<OpenedCheckpoint> {
  const refuse = (found: string) => new Error(`Cannot use ${name} as ${found}`);
  if (isTorchFile(bytes)) {
    throw refuse("it is a file of PyTorch's: a page takes safetensors files of Rill's runs");
  }
  const saved = getOrThrow(await decodeCheckpoint(bytes, { source: name }));
  const text = saved.metadata[RUN_METADATA];
  if (text === undefined) {
    throw refuse("it doesn't say its network, as a checkpoint of a run of Rill's does");
  }
  const model = getOrThrow(parseModel(text, name));
  if (isCodeFile(model.name)) {
    throw refuse(`its network is described by a file, ${model.name}, which isn't here`);
  }
  const { side } = planUse(model);
  const layer = averageViews(describeKnown(model), model);
  const network = getOrThrow(build(layer, [side, side, model.channels]));
  const loaded = importParams(network, saved.params);
  if (loaded._tag === "Left") throw loaded.left.withSource(name);
  const variables = loaded.right;
  return {
    model,
    network,
    variables,
    saved,
    release: () => disposeTensors({ ...variables.params, ...variables.buffers }),
  };
}
