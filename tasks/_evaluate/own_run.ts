import { getOrThrow } from "../../models/mod.ts";
import { omitUndefined } from "../_cli/flags.ts";
import { type DataSet, openData, type OpenDataOptions } from "../_data/open_data.ts";
import { RUN_METADATA } from "../_model/model_config.ts";
import { markData, type RunConfig } from "../_train/run_config.ts";
import { completeSaved, type TrainSettings } from "../_train/settings/train_settings.ts";

/** What a checkpoint says of its run. */
export interface OwnRun {
  readonly settings: TrainSettings;
  readonly data: RunConfig["data"] | undefined;
}

/** Reads what a checkpoint says of its run; nothing where it is of none. */
export function readOwnRun(metadata: Readonly<Record<string, string>>): OwnRun | undefined {
  const text = metadata[RUN_METADATA];
  if (text === undefined) return undefined;
  const { settings, data } = JSON.parse(text);
  return typeof settings === "object" && settings !== null
    ? { settings: completeSaved(settings), data }
    : undefined;
}

/**
 * Divides a run's own data as the run did, so that what it has learned from is told from what it hasn't; says so if the data has
 * changed since.
 *
 * @param data The data as it was opened with the options, undivided.
 */
export async function divideAsRun(
  { spec, validation: own }: DataSet,
  { settings, data: marked }: OwnRun,
  options: OpenDataOptions,
  note: (line: string) => void,
): Promise<DataSet> {
  const { images, seed, validation: share } = settings;
  const validation = own || share === 0 ? undefined : share;
  const divided = getOrThrow(
    await openData(spec, {
      ...options,
      ...omitUndefined({ images, seed, validation }),
      // What there is to say was said when it was opened.
      log: () => {},
    })(),
  );
  if (marked) {
    const { images, labels } = await markData(divided);
    if (images !== marked.images || labels !== marked.labels) {
      note(
        `data: ${spec} has changed since the run: what it learned from may be among these images`,
      );
    }
  }
  return divided;
}
