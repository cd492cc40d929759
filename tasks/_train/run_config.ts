import type { DataSet } from "../_data/open_data.ts";
import { hashBytes } from "../_files/files.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import type { CodeFile } from "../_model/model_file.ts";
import type { Runtime } from "./runtime.ts";
import type { TrainSettings } from "./settings/train_settings.ts";

/** The configuration of a run, as in `config.json` and a checkpoint's metadata. */
export interface RunConfig {
  readonly version: number;
  readonly model: ModelConfig;
  readonly settings: TrainSettings;
  /** What tells the data of the run from other data. */
  readonly data: DataMark;
  /** The file of the stages that change training images, if there is one. */
  readonly pipeline?: CodeFile;
  /** The parameters that the run began with, as `--weights` names them, if it wasn't with drawn ones. */
  readonly weights?: string;
  /** The folder of the run that it goes on from, as long as nothing is saved in its own. */
  readonly from?: string;
  /** What computes, and how it is saved. */
  readonly runtime: Runtime;
}

/** What tells data from other data, wherever it lies. */
export interface DataMark {
  /** The number of training images, and a checksum of their labels in order. */
  readonly images: number;
  readonly labels: string;
}

/** Marks the training images of a data set. */
export async function markData({ train, classes }: DataSet): Promise<DataMark> {
  const labels = Int32Array.from(train.labels);
  const text = new TextEncoder().encode(`${classes.join("\n")}\n`);
  const bytes = await new Blob([text, labels]).bytes();
  return { images: train.length, labels: (await hashBytes(bytes)).slice(0, 16) };
}

/** Formats a configuration as its file has it. */
export const formatConfig = (config: RunConfig): string =>
  JSON.stringify(inOrder(config), null, 2) + "\n";

/** Formats a configuration as metadata have it. */
export const formatConfigLine = (config: RunConfig): string => JSON.stringify(inOrder(config));

/** Copies a configuration with the keys in one order, whether it is new or was read: the same run writes the same bytes. */
function inOrder({ version, model, settings, data, ...rest }: RunConfig): Partial<RunConfig> {
  return { version, model: sortKeys(model), settings: sortKeys(settings), data, ...sortKeys(rest) };
}

const sortKeys = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)) as T;
