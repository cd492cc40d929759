import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Backend, NotFiniteError } from "../../models/mod.ts";
import { UsageError } from "../_cli/errors.ts";
import { type FlagValues, omitUndefined } from "../_cli/flags.ts";
import { toOpenOptions } from "../_data/data_flags.ts";
import { type DataSet, openData } from "../_data/open_data.ts";
import { describeKernels } from "../_model/backend_flags.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import { type CodeFile, hashCodeFile, importFunction } from "../_model/model_file.ts";
import { isCodeFile } from "../_model/networks.ts";
import type { Weights } from "../_model/open_weights.ts";
import type { Given } from "./settings/choose_settings.ts";
import { countNeighbours, describeRanks, type LedRanks } from "./ranks.ts";
import { chooseThreads } from "../_model/choose_threads.ts";
import type { SavedRun } from "./parse_run.ts";
import type { RunConfig } from "./run_config.ts";
import type { trainFlags } from "./train_flags.ts";
import type { TrainSettings } from "./settings/train_settings.ts";
import { type RunWorkers, startWorkers } from "./workers/run_workers.ts";

/** Why a run goes on with half the learning rate: the step after which its numbers weren't finite, and as far as that is known, which. */
export type RetryCause =
  & Pick<NotFiniteError, "step">
  & Partial<Pick<NotFiniteError, "subject" | "place">>;

/** The command line of a run, and the run that goes on, if any. */
export interface RunRequest {
  readonly flags: FlagValues<typeof trainFlags>;
  readonly saved: SavedRun | undefined;
  /** The tuning that the backend was given. */
  readonly tuning: unknown;
  /** Whether the folder of that run is locked for this one. */
  readonly isLocked: boolean;
  /** Keeps what is to be given free at the end. */
  readonly keep: (held: { release(): void }) => void;
  /** Why it goes on with half the learning rate, where no checkpoint tells of that yet. */
  readonly retried?: RetryCause | undefined;
  /** The settings with which that run goes on. */
  readonly resumed: TrainSettings | undefined;
  /** Takes a line that --quiet leaves out. */
  readonly note: (line: string) => void;
  /** The processes that share the run, of which this is the first; this one alone by default. */
  readonly ranks?: LedRanks | undefined;
}

/** What is decided for a run of either kind before its network is built. */
export interface BegunRun extends BegunThreads {
  readonly config: Omit<RunConfig, "runtime">;
  readonly data: DataSet;
  readonly weights: Weights | undefined;
}

/** The threads of a run, whose workers begin at once. */
export interface BegunThreads {
  readonly threadCount: number;
  readonly workers: RunWorkers;
}

/** Opens the data, and holds out a part to choose by, if it has none of its own. */
export const chooseData = (
  { flags, note }: Pick<RunRequest, "flags" | "note">,
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
    validation,
  });

/**
 * Prints what computes, the first thing that a run says, and starts its workers.
 *
 * @param explain Says why that computes, with so many threads.
 */
export const announce = (
  { flags, keep, note, ranks }: RunRequest,
  backend: Backend,
  batchSize: number,
  explain: (threads: number) => string = () => backend.reason,
): TE.TaskEither<Error, BegunThreads> =>
  pipe(
    TE.fromEither(
      ranks
        ? chooseRankThreads(flags.threads, backend, batchSize, ranks)
        : chooseThreads(flags.threads, backend, batchSize),
    ),
    TE.tapIO((threads) => () => {
      if (ranks) note(describeRanks(ranks));
      describeBackend({ ...backend, reason: explain(threads) }, threads).forEach(note);
      describeKernels(flags.kernels).forEach(note);
      const bound = ranks && flags.threads === undefined
        ? describeBinding(ranks, threads, batchSize)
        : undefined;
      if (bound !== undefined) note(bound);
    }),
    TE.map((threadCount) => {
      const workers = startWorkers(threadCount);
      keep(workers);
      return { threadCount, workers };
    }),
  );

/** Chooses how many threads each rank has: those of one host share its processor, and all of them each batch. */
function chooseRankThreads(
  given: number | undefined,
  backend: Backend,
  batchSize: number,
  ranks: LedRanks,
): E.Either<UsageError, number> {
  if (backend.name !== "wasm") {
    return E.left(
      new UsageError(
        `Cannot share a run between ranks that compute by ${backend.description}: they do so by WASM alone, that is with --backend wasm`,
      ),
    );
  }
  return chooseThreads(
    given,
    backend,
    ...getShare(ranks, navigator.hardwareConcurrency, batchSize),
  );
}

/** Gets what each rank of this host has of a batch, and of so many processors. */
const getShare = (
  ranks: LedRanks,
  processors: number,
  batchSize: number,
): [batchSize: number, cores: number] => [
  batchSize / ranks.communicator.size,
  Math.floor(processors / countNeighbours(ranks)),
];

/**
 * Says where ranks have fewer threads than they would have if they weren't bound to some of their host's processors; undefined where
 * they have as many.
 *
 * @param usable How many of them this rank may use.
 */
export function describeBinding(
  ranks: LedRanks,
  threads: number,
  batchSize: number,
  usable: number = navigator.hardwareConcurrency,
): string | undefined {
  const { binds, communicator: { rank }, hosts, launcher, processors = 0 } = ranks;
  if (!binds || processors <= usable) return undefined;
  const unbound = chooseThreads(
    undefined,
    { name: "wasm" },
    ...getShare(ranks, processors, batchSize),
  );
  if (E.isLeft(unbound) || unbound.right <= threads) return undefined;
  return `threads: rank ${rank} may use ${usable} of the ${processors} cores of ${hosts[rank]}; ` +
    `where ${launcher} has bound it to them, --bind-to none leaves it all`;
}

/** Checks the file of stages that change images, and gives its hash. */
export async function checkPipeline(path: string): Promise<CodeFile> {
  const file = await hashCodeFile(path, "--pipeline");
  await importFunction(path, "--pipeline", "a function ({ seed, epoch, side, channels }) => Stage");
  return file;
}

/** Names a network in a model's configuration: by its name, or by its file and that one's hash. */
export async function nameModel(model: string): Promise<Pick<ModelConfig, "name" | "hash">> {
  return isCodeFile(model)
    ? { name: model, hash: (await hashCodeFile(model, "--model")).hash }
    : { name: model };
}
