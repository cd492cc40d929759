import { getOrThrow } from "../../models/mod.ts";
import { UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { describeModel, openModel } from "../_evaluate/open_model.ts";
import { type OwnRun, readOwnRun } from "../_evaluate/own_run.ts";
import { getTitle, type ModelConfig } from "../_model/model_config.ts";
import { isCodeFile } from "../_model/networks.ts";
import { findNewestRun } from "../_predict/find_newest_run.ts";
import { encodeModel } from "./encode_model.ts";
import type { siteFlags } from "./site_flags.ts";

/** The model that comes with a page. */
export interface ModelFile {
  readonly title: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly model: ModelConfig;
  /** The checkpoint that it was made of, and the run of which that is, if it is of one. */
  readonly path: string;
  readonly run: OwnRun | undefined;
}

/** Makes the file of the model that the flags name, or of the newest run; undefined if there is none or is to be none. */
export async function packModel(
  flags: FlagValues<typeof siteFlags>,
  note: (line: string) => void,
): Promise<ModelFile | undefined> {
  if (flags.weights === "none") return undefined;
  const path = flags.weights ?? await findRun();
  if (path === undefined) {
    note("model: none, as there is no run: the page can train one, or load a checkpoint");
    return undefined;
  }
  const opened = getOrThrow(await openModel(path, flags)());
  const { model, tensors } = opened;
  if (isCodeFile(model.name)) {
    throw new UsageError(
      `Cannot put ${opened.path} in a page as its network is described by a file, ${model.name}: ` +
        "a page knows networks by their names; name another model with --weights, or none",
    );
  }
  describeModel(opened, flags.weights === undefined ? ", of the newest run" : "").forEach(note);
  const bytes = await encodeModel({ params: tensors }, model, { contents: "params" });
  const run = readOwnRun(opened.metadata);
  return { title: getTitle(model.name), bytes, model, path: opened.path, run };
}

async function findRun(): Promise<string | undefined> {
  try {
    return await findNewestRun("make a page");
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
