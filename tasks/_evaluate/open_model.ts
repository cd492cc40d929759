import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Checkpoint, Network, Variables } from "../../models/mod.ts";
import type { FlagValues } from "../_cli/flags.ts";
import {
  countNotFinite,
  describeLeftOver,
  formatNotFinite,
  loadParams,
  readCheckpoint,
} from "../_model/checkpoint.ts";
import { checkModelFile, loadEvaluated } from "../_model/load_model.ts";
import { getTitle, type ModelConfig } from "../_model/model_config.ts";
import { type FindOptions, findParamsFile } from "../_model/run_files.ts";
import { printNote } from "../_text/print.ts";
import type { modelFlags } from "./model_flags.ts";
import { resolveModel } from "./resolve_model.ts";

/** A checkpoint that was read, and the network that it is for as that is used. */
export interface OpenedModel extends Checkpoint {
  readonly path: string;
  readonly model: ModelConfig;
  readonly network: Network;
  /** The number of values that are NaN or infinite, of each tensor that has some. */
  readonly notFinite: Readonly<Record<string, number>>;
}

/** Opens a checkpoint: the file, or the best of a run's folder. */
export const openModel = (
  checkpoint: string,
  given: FlagValues<typeof modelFlags>,
  options: FindOptions = {},
): TE.TaskEither<Error, OpenedModel> =>
  pipe(
    TE.Do,
    TE.bindW("found", () => findParamsFile(checkpoint, options)),
    TE.map(({ found: { path, warnings } }) => {
      warnings.forEach(printNote);
      return { path };
    }),
    TE.bindW("file", ({ path }) => readCheckpoint(path)),
    TE.bindW("model", ({ file, path }) => resolveModel(file, given, path)),
    TE.chainFirstW(({ model, path }) => checkModelFile(model, path)),
    TE.bindW("network", ({ model }) => loadEvaluated(model)),
    TE.map(({ file, path, model, network }) => {
      const notFinite = countNotFinite(file.tensors);
      if (Object.keys(notFinite).length > 0) {
        // Said also where only the result is asked for: it belongs to it.
        printNote(
          `warning: ${path} holds values that are NaN or infinite, so the result means little: ${
            formatNotFinite(notFinite, file.tensors)
          }`,
        );
      }
      return { ...file, path, model, network, notFinite };
    }),
  );

/** Copies a checkpoint's tensors to the backend. */
export const loadVariables = (
  { network, tensors, path }: OpenedModel,
): TE.TaskEither<Error, Variables> => loadParams(network, tensors, path);

/**
 * Describes a model: in one line, and in another what of the file it does without.
 *
 * @param source What is said of the file besides its name.
 */
export const describeModel = (
  { model, path, network, tensors }: OpenedModel,
  source = "",
): string[] => [
  `model: ${getTitle(model.name)} at ${model.side} x ${model.side}, from ${path}${source}`,
  ...describeLeftOver(network, tensors),
];
