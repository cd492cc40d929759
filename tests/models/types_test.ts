// Nothing here has to run: that it type checks is the test.
import type {
  adam,
  build,
  decodeSafetensors,
  importParams,
  Network,
  ShapeError,
  StepMetrics,
  TrainingBatch,
  TrainState,
  TrainStep,
} from "@rill/rill/models";
import type * as E from "fp-ts/lib/Either.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
function assertType<_ extends true>(): void {}

/** The shape of the `scan` stage. */
declare function scan<S, I, O>(
  step: (state: S, item: I) => [S, O] | Promise<[S, O]>,
  initial: S,
): (source: AsyncIterable<I>) => AsyncIterable<O>;

export function eitherNarrows(result: ReturnType<typeof build>): Network {
  // @ts-expect-error There is no network before the tag is looked at.
  result.right;
  if (result._tag === "Left") {
    assertType<Equal<typeof result.left, ShapeError>>();
    throw result.left;
  }
  assertType<Equal<typeof result.right, Network>>();
  return result.right;
}

export function eitherIsThatOfFpTs(
  result: ReturnType<typeof build>,
): E.Either<ShapeError, Network> {
  return result;
}

export function fpTsEitherIsOurs(
  result: E.Either<ShapeError, Network>,
): ReturnType<typeof build> {
  return result;
}

export function trainingIsAFold(
  step: TrainStep<TrainingBatch, "accuracy">,
  state: TrainState,
  batches: AsyncIterable<TrainingBatch>,
): AsyncIterable<StepMetrics> {
  const metrics = scan(step, state)(batches);
  assertType<Equal<typeof metrics, AsyncIterable<StepMetrics>>>();
  return metrics;
}

export function whatIsDecodedCanBeImported(
  network: Network,
  decoded: ReturnType<typeof decodeSafetensors>,
  load: typeof importParams,
): void {
  if (decoded._tag === "Right") load(network, decoded.right.tensors);
}

export function settingsAreNumbers(describe: typeof adam): void {
  describe({ learningRate: 0.1 });
  // @ts-expect-error A setting by another name.
  describe({ learning_rate: 0.1 });
  // @ts-expect-error A setting of another type.
  describe({ learningRate: "0.1" });
}
