import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { CheckpointError, type StoredTensor, type TrainingPosition } from "../../models/mod.ts";
import { RUN_METADATA, RUN_VERSION, type SavedModel } from "../_model/model_config.ts";
import { readModel } from "../_model/read_model.ts";
import type { RunConfig } from "./run_config.ts";
import { readRuntime } from "./runtime.ts";
import { completeSaved, type SavedSettings } from "./settings/train_settings.ts";

/** What a checkpoint's metadata say of its run. Those from before the first release have no mark of their data. */
export interface RunFacts extends Omit<RunConfig, "data" | "runtime"> {
  readonly data?: RunConfig["data"];
  readonly runtime?: RunConfig["runtime"];
}

/** A run as it was saved. */
export interface SavedRun extends RunFacts {
  readonly position: TrainingPosition;
  readonly params: Readonly<Record<string, StoredTensor>>;
  readonly optimizer: Readonly<Record<string, StoredTensor>> | undefined;
  /** The seconds that the run took, where it was saved with them. */
  readonly seconds?: number | undefined;
}

/** What was read of a run's metadata, and the rest of what is there. */
export interface ParsedRun extends RunFacts {
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Such a run before it is known what is in it. */
interface RawRun {
  readonly version?: number;
  readonly model?: SavedModel;
  readonly settings?: SavedSettings;
  readonly data?: RunConfig["data"];
  readonly pipeline?: RunConfig["pipeline"];
  readonly weights?: unknown;
  readonly runtime?: unknown;
}

/**
 * Reads what a checkpoint's metadata say of its run, and the rest of what is there.
 *
 * @param path The file, for messages.
 * @param purpose What it is read for, to follow "Cannot".
 */
export function parseRun(
  metadata: Readonly<Record<string, string>>,
  path: string,
  purpose = "go on from",
): E.Either<CheckpointError, ParsedRun> {
  const text = Object.hasOwn(metadata, RUN_METADATA) ? metadata[RUN_METADATA] : undefined;
  const refuse = (found: string) => new CheckpointError(`Cannot ${purpose} ${path} as ${found}`);
  if (text === undefined) {
    return E.left(
      refuse("it holds no run, only parameters: start from them with --weights"),
    );
  }
  const damaged = (found: string) => refuse(`its metadata is damaged: ${found}`);
  return pipe(
    E.tryCatch((): RawRun | null => JSON.parse(text), (error) => damaged(String(error))),
    E.filterOrElse(
      (raw) => (raw?.version ?? 1) <= RUN_VERSION,
      (raw) => refuse(`it is of version ${raw?.version}: this reads up to ${RUN_VERSION}`),
    ),
    E.chain((raw) => {
      const { model, settings, data, pipeline, weights, runtime } = raw ?? {};
      if (!isRecord(model) || !isRecord(settings)) return E.left(damaged("it describes no run"));
      const known = readRuntime(runtime);
      return pipe(
        readModel(model),
        E.bimap(damaged, (model) => ({
          version: RUN_VERSION,
          model,
          settings: completeSaved(settings),
          ...data && { data },
          ...pipeline && { pipeline },
          ...typeof weights === "string" && { weights },
          ...known && { runtime: known },
          raw: { ...raw },
        })),
      );
    }),
  );
}

const isRecord = <T extends object>(value: T | undefined): value is T =>
  typeof value === "object" && value !== null;
