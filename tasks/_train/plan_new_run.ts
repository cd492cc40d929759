import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Backend } from "../../models/mod.ts";
import { adaptNames } from "../../models/weights/_adapt_names.ts";
import { attempt } from "../_cli/errors.ts";
import { omitUndefined } from "../_cli/flags.ts";
import { type DataSet, takeSplit } from "../_data/open_data.ts";
import { chooseWorkers } from "../_data/prepare_images.ts";
import { computeStatistics } from "../_data/statistics.ts";
import { loadModel } from "../_model/load_model.ts";
import { RUN_METADATA, RUN_VERSION } from "../_model/model_config.ts";
import { readModel } from "../_model/read_model.ts";
import { openWeights, type Weights } from "../_model/open_weights.ts";
import {
  checkSettings,
  chooseSettings,
  type ChosenSettings,
  type DataFacts,
  type Given,
} from "./settings/choose_settings.ts";
import { describeRun } from "./describe_run.ts";
import { choosePreset, type PresetName, presets } from "./settings/presets.ts";
import {
  announce,
  type BegunRun,
  checkPipeline,
  chooseData,
  nameModel,
  type RunRequest,
} from "./run_request.ts";
import { readConfig } from "./read_config.ts";
import { markData } from "./run_config.ts";
import {
  chapter,
  type PresetSettings,
  toModelConfig,
  type TrainSettings,
} from "./settings/train_settings.ts";
import type { RunWorkers } from "./workers/run_workers.ts";

const toFacts = ({ channels, train, test, heldOut }: DataSet): DataFacts => ({
  channels,
  heldOut,
  images: train.length,
  testImages: test?.length ?? 0,
  size: train.size,
});

/** Plans a new run: its settings, by preset, configuration and flags; and its data. */
export function planNew(request: RunRequest, backend: Backend): TE.TaskEither<Error, BegunRun> {
  const { flags, note, ranks } = request;
  const describe = (
    settings: ChosenSettings,
    name: PresetName,
    facts: DataFacts,
    { data }: Given,
  ) => {
    // What the preset would be by itself, with as many images as it takes.
    const { images = facts.images, testImages = facts.testImages }: PresetSettings = presets[name];
    const plain = chooseSettings(name, { data }, { ...facts, images, testImages });
    const preset = { name, isNamed: flags.preset !== undefined };
    describeRun(backend, settings, undefined, {
      given: flags,
      ranks,
      ...E.isRight(plain) && { preset: { ...preset, settings: plain.right } },
    }).forEach(note);
  };
  return pipe(
    TE.Do,
    TE.bindW("file", () => readGiven(flags.config)),
    TE.bindW(
      "weights",
      () =>
        flags.weights === undefined
          ? TE.right(undefined)
          : openWeights(flags.weights, { ...flags, note }),
    ),
    TE.bindW(
      "given",
      ({ file, weights }) =>
        TE.right<never, Given>({ ...toGiven(weights), ...file, ...omitUndefined(flags) }),
    ),
    TE.bindW(
      "first",
      ({ given, weights }) => attempt(() => choosePresetFor(request, backend, given, weights)),
    ),
    TE.chainFirstW(({ given, first }) =>
      TE.fromEither(
        // Of a file only what flags change: it has all settings, those that do nothing too.
        checkSettings(flags, { ...presets[first], ...omitUndefined(given) } as TrainSettings),
      )
    ),
    TE.bindW(
      "threads",
      ({ given, first }) => announce(request, backend, given.batchSize ?? presets[first].batchSize),
    ),
    TE.bindW("data", ({ given, first }) => {
      const preset: PresetSettings = presets[first];
      const { data = preset.data, images, testImages, validation = preset.validation } = given;
      const options = { data, images, testImages, validation };
      return pipe(
        chooseData(request, given, options),
        // A preset takes as many as it needs, if there are so many.
        TE.map((data) =>
          images === undefined && preset.images !== undefined
            ? { ...data, train: takeSplit(data.train, preset.images) }
            : data
        ),
      );
    }),
    TE.bindW(
      "preset",
      ({ given, weights, data, first }) =>
        attempt(() =>
          flags.preset !== undefined || weights === undefined
            ? Promise.resolve(first)
            : choosePresetFor(request, backend, given, weights, data)
        ),
    ),
    TE.bindW(
      "chosen",
      ({ preset, given, data }) => TE.fromEither(chooseSettings(preset, given, toFacts(data))),
    ),
    TE.tapIO(({ chosen, preset, data, given }) => () =>
      describe(chosen, preset, toFacts(data), given)
    ),
    TE.bindW(
      "settings",
      ({ chosen, data, threads: { workers } }) =>
        attempt(() => measureImages(chosen, data, request, workers)),
    ),
    TE.bindW("config", ({ settings, data }) => attempt(() => configure(settings, data))),
    TE.map(({ config, threads, data, weights }) => ({ ...threads, config, data, weights })),
  );
}

const readGiven = (path: string | undefined): TE.TaskEither<Error, Given> =>
  path === undefined ? TE.right({}) : readConfig(path);

/** The settings that weights of a run of ours bring along: the network and how images are prepared for it. */
function toGiven(weights: Weights | undefined): Given {
  const text = weights?.metadata[RUN_METADATA];
  if (text === undefined) return {};
  // Where it describes no model, it has parameters all the same.
  const read = pipe(
    E.tryCatch((): unknown => Object(JSON.parse(text)).model, String),
    E.chain(readModel),
  );
  if (E.isLeft(read)) return {};
  const { name, side, channels, mean, std, resize, orientation, activation } = read.right;
  return { model: name, side, channels, mean, std, resize, orientation, activation };
}

/** Chooses the preset: the one that was named, or the one that fits backend, data and weights. */
async function choosePresetFor(
  { flags }: RunRequest,
  { hardware }: Backend,
  given: Given,
  weights: Weights | undefined,
  data?: DataSet,
): Promise<PresetName> {
  const { data: spec = chapter.data, model } = given;
  const choose = (weights?: "whole" | "partial") =>
    flags.preset ?? choosePreset({ hardware, data: spec, model, weights });
  const usual = choose(weights && "whole");
  if (!weights || !data || usual === "fine-tune") return usual;
  // With the settings that they would be trained with, do they fit whole?
  const settings = chooseSettings(usual, given, toFacts(data));
  if (E.isLeft(settings)) return usual;
  const { side, channels, model: name, dropout, activation } = settings.right;
  const network = await loadModel({
    name,
    side,
    channels,
    dropout,
    activation,
    classes: data.classes.length,
  })();
  if (E.isLeft(network)) return usual;
  const specs = [...network.right.parameters, ...network.right.buffers];
  const { tensors } = adaptNames(network.right, weights.tensors);
  const fits = specs.every(({ name, shape }) =>
    name.endsWith("num_batches_tracked") || String(tensors[name]?.shape) === String(shape)
  );
  return choose(fits ? "whole" : "partial");
}

/** Computes what is left to the images: their mean and standard deviation. */
async function measureImages(
  { mean, std, ...settings }: ChosenSettings,
  data: DataSet,
  { flags }: RunRequest,
  { pool }: RunWorkers,
): Promise<TrainSettings> {
  if (mean !== "auto" && std !== "auto") return { ...settings, mean, std };
  const found = await computeStatistics(data.train, settings, {
    quiet: flags.quiet,
    workers: chooseWorkers(flags.workers ?? "auto", data.train),
    pool,
  });
  const round = (numbers: readonly number[]) => numbers.map((number) => Number(number.toFixed(4)));
  return {
    ...settings,
    mean: mean === "auto" ? round(found.mean) : mean,
    std: std === "auto" ? round(found.std).map((number) => number || 1) : std,
  };
}

/** Makes the configuration of a new run, with the hashes of the files of code that it names. */
async function configure(settings: TrainSettings, data: DataSet): Promise<BegunRun["config"]> {
  const { model, pipeline } = settings;
  const { hash } = await nameModel(model);
  return {
    version: RUN_VERSION,
    model: toModelConfig(settings, { classNames: data.classes, hash }),
    settings,
    data: await markData(data),
    ...pipeline !== "" && { pipeline: await checkPipeline(pipeline) },
  };
}
