import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Backend, Network } from "../../models/mod.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import { type FlagValues, omitUndefined } from "../_cli/flags.ts";
import { toOpenOptions } from "../_data/data_flags.ts";
import { computeClassWeights, type DataSet, openData, takeSplit } from "../_data/open_data.ts";
import { chooseWorkers } from "../_data/prepare_images.ts";
import { computeStatistics } from "../_data/statistics.ts";
import { STOCK_LINE } from "../_model/backend_flags.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { checkModelFile, loadModel } from "../_model/load_model.ts";
import { completeModel, type ModelConfig, RUN_METADATA } from "../_model/model_config.ts";
import { type CodeFile, hashCodeFile, importFunction, isCodeFile } from "../_model/model_file.ts";
import { openWeights, type Weights } from "../_model/open_weights.ts";
import { chooseOut, type OutChoice } from "./choose_out.ts";
import {
  checkSettings,
  chooseSettings,
  type ChosenSettings,
  type DataFacts,
  type Given,
} from "./choose_settings.ts";
import { chooseThreads } from "./choose_threads.ts";
import { describeRun } from "./describe_run.ts";
import { checkJsonLog } from "./json_log.ts";
import { listPatterns } from "./plan_optimizer.ts";
import { choosePreset, type PresetName, presets } from "./presets.ts";
import { readConfig } from "./read_config.ts";
import type { SavedRun } from "./read_run.ts";
import { markData, RUN_VERSION, type RunConfig } from "./run_config.ts";
import type { trainFlags } from "./train_flags.ts";
import {
  chapter,
  type PresetSettings,
  toModelConfig,
  type TrainSettings,
} from "./train_settings.ts";
import type { RunPlanOptions } from "./training_plan.ts";

/** The command line of a run, and the run that goes on, if any. */
export interface RunRequest {
  readonly flags: FlagValues<typeof trainFlags>;
  readonly saved: SavedRun | undefined;
  /** The settings with which that run goes on. */
  readonly resumed: TrainSettings | undefined;
  /** Takes a line that --quiet leaves out. */
  readonly note: (line: string) => void;
}

/** Everything that is decided before anything is written or computed. */
export interface RunPlan extends RunRequest {
  readonly backend: Backend;
  readonly config: RunConfig;
  readonly threadCount: number;
  readonly data: DataSet;
  readonly weights: Weights | undefined;
  readonly network: Network;
  /** What every thread plans the training by. */
  readonly options: Omit<RunPlanOptions, "takesBytes">;
  /** The folder to save to. */
  readonly out: OutChoice;
}

/** Plans a run and prints its first lines, from the cheapest check to the dearest: settings, data, shapes, folder. */
export const planRun = (backend: Backend, request: RunRequest): TE.TaskEither<Error, RunPlan> =>
  pipe(
    request.saved ? planResumed(request, request.saved, backend) : planNew(request, backend),
    TE.bindW(
      "network",
      ({ config: { model, settings } }) =>
        loadModel(model, { inUse: listPatterns(settings.freeze) }),
    ),
    TE.bindW("out", () => chooseOut(request.flags)),
    TE.chainFirstW(({ out }) => attempt(() => checkJsonLog(request.flags.log, out.dir))),
    TE.map(({ config, data, ...plan }): RunPlan => {
      const { model, settings } = config;
      const classWeights = settings.classWeights
        ? [...computeClassWeights(data.train.labels, data.classes.length)]
        : undefined;
      return {
        ...request,
        ...plan,
        backend,
        config,
        data,
        options: { model, settings, classWeights },
      };
    }),
  );

/** What is decided in either way. */
type Begun = Pick<RunPlan, "config" | "threadCount" | "data" | "weights">;

/** Opens the data, and holds out a part to choose by, if it has none of its own. */
const chooseData = (
  { flags, note }: RunRequest,
  given: Given,
  { validation, ...rest }: {
    readonly images?: number | undefined;
    readonly testImages?: number | undefined;
    readonly validation?: number | undefined;
    readonly data: string;
  },
): TE.TaskEither<Error, DataSet> =>
  openData(rest.data, {
    ...toOpenOptions(flags, note),
    unlessOwn: flags.validation === undefined,
    ...omitUndefined({ images: rest.images, testImages: rest.testImages, seed: given.seed }),
    validation: validation === 0 ? undefined : validation,
  });

const toFacts = ({ channels, train, test }: DataSet): DataFacts => ({
  channels,
  images: train.length,
  testImages: test?.length ?? 0,
  size: train.size,
});

/** Prints what computes, the first thing that a run says, and chooses its threads. */
const announce = (
  { flags, note }: RunRequest,
  backend: Backend,
  batchSize: number,
): TE.TaskEither<Error, number> =>
  pipe(
    TE.fromEither(chooseThreads(flags.threads, backend, batchSize)),
    TE.tapIO((threads) => () => {
      describeBackend(backend, threads).forEach(note);
      if (flags.kernels === "stock") note(STOCK_LINE);
    }),
  );

function planNew(request: RunRequest, backend: Backend): TE.TaskEither<Error, Begun> {
  const { flags, note } = request;
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
        checkSettings(given, { ...presets[first], ...omitUndefined(given) } as TrainSettings),
      )
    ),
    TE.bindW(
      "threadCount",
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
    TE.bindW("settings", ({ chosen, data }) => attempt(() => measureImages(chosen, data, request))),
    TE.bindW("config", ({ settings, data }) => attempt(() => configure(settings, data))),
    TE.map(({ config, threadCount, data, weights }) => ({ config, threadCount, data, weights })),
  );
}

const readGiven = (path: string | undefined): TE.TaskEither<Error, Given> =>
  path === undefined ? TE.right({}) : readConfig(path);

/** The settings that weights of a run of ours bring along: the network and how images are prepared for it. */
function toGiven(weights: Weights | undefined): Given {
  const text = weights?.metadata[RUN_METADATA];
  if (text === undefined) return {};
  const { name, side, channels, mean, std, resize, orientation, activation } = completeModel(
    JSON.parse(text).model ?? {},
  );
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
  const choose = (fineTunes: boolean) =>
    flags.preset ?? choosePreset({ hardware, data: spec, model, fineTunes });
  if (!weights || !data) return choose(false);
  // With the settings that they would be trained with, do they fit whole?
  const usual = choose(false);
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
  const fits = specs.every(({ name, shape }) =>
    name.endsWith("num_batches_tracked") || String(weights.tensors[name]?.shape) === String(shape)
  );
  return choose(!fits);
}

/** Computes what is left to the images: their mean and standard deviation. */
async function measureImages(
  { mean, std, ...settings }: ChosenSettings,
  data: DataSet,
  { flags }: RunRequest,
): Promise<TrainSettings> {
  if (mean !== "auto" && std !== "auto") return { ...settings, mean, std };
  const found = await computeStatistics(data.train, settings, {
    quiet: flags.quiet ?? false,
  });
  const round = (numbers: readonly number[]) => numbers.map((number) => Number(number.toFixed(4)));
  return {
    ...settings,
    mean: mean === "auto" ? round(found.mean) : mean,
    std: std === "auto" ? round(found.std).map((number) => number || 1) : std,
  };
}

/** Makes the configuration of a new run, with the hashes of the files of code that it names. */
async function configure(settings: TrainSettings, data: DataSet): Promise<RunConfig> {
  const { model, pipeline } = settings;
  const hash = isCodeFile(model) ? (await hashCodeFile(model, "--model")).hash : undefined;
  return {
    version: RUN_VERSION,
    model: toModelConfig(settings, { classNames: data.classes, hash }),
    settings,
    data: await markData(data),
    ...pipeline !== "" && { pipeline: await checkPipeline(pipeline) },
  };
}

/** Checks the file of stages that change images, and gives its hash. */
async function checkPipeline(path: string): Promise<CodeFile> {
  const file = await hashCodeFile(path, "--pipeline");
  await importFunction(path, "--pipeline", "a function ({ seed, epoch, side, channels }) => Stage");
  return file;
}

function planResumed(
  request: RunRequest,
  saved: SavedRun,
  backend: Backend,
): TE.TaskEither<Error, Begun> {
  const { flags, note } = request;
  const resume = String(flags.resume);
  const settings: TrainSettings = { ...saved.settings, ...request.resumed };
  const model: ModelConfig = { ...saved.model, name: settings.model };
  return pipe(
    announce(request, backend, settings.batchSize),
    TE.map((threadCount) => ({ threadCount })),
    TE.tapIO(() => () => describeRun(backend, settings, saved).forEach(note)),
    TE.chainFirstW(() => checkModelFile(model, resume)),
    TE.bindW("data", () => chooseData(request, settings, settings)),
    TE.bindW("config", ({ data }) =>
      attempt(async (): Promise<RunConfig> => {
        const found = await markData(data);
        const { data: before = found, pipeline } = saved;
        if (found.images !== before.images || found.labels !== before.labels) {
          throw new UsageError(
            `Cannot go on with ${resume} as ${settings.data} has changed: the run was made with ` +
              `${before.images} training images, and now there are ${found.images}` +
              (found.images === before.images ? " with other labels" : ""),
          );
        }
        if (pipeline && (await checkPipeline(settings.pipeline)).hash !== pipeline.hash) {
          throw new UsageError(
            `Cannot go on with ${resume} as ${settings.pipeline} has changed since`,
          );
        }
        return { version: RUN_VERSION, model, settings, data: found, ...pipeline && { pipeline } };
      })),
    TE.map((plan) => ({ ...plan, weights: undefined })),
  );
}
