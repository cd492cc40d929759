import type { DataSet } from "../_data/open_data.ts";
import { hashBytes } from "../_files/files.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import type { CodeFile } from "../_model/model_file.ts";
import type { TrainSettings } from "./train_settings.ts";

/** The version of what runs write. Newer ones are refused by it. */
export const RUN_VERSION = 2;

/** The configuration of a run, as in `config.json` and a checkpoint's metadata. */
export interface RunConfig {
  readonly version: number;
  readonly model: ModelConfig;
  readonly settings: TrainSettings;
  /** What tells the data of the run from other data. */
  readonly data: DataMark;
  /** The file of the stages that change training images, if there is one. */
  readonly pipeline?: CodeFile;
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
