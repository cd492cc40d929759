// Nothing here has to run: that it type checks is the test.
import type {
  adam,
  build,
  crossEntropy,
  decodeSafetensors,
  evalStep,
  importParams,
  InputBatch,
  layer,
  Loss,
  Metric,
  Metrics,
  Network,
  Optimizer,
  readMetrics,
  ShapeError,
  SizedBatch,
  StepMetrics,
  Tensor,
  TrainingBatch,
  TrainState,
  TrainStep,
  trainStep,
  Variables,
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

interface Pairs extends SizedBatch {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

export async function aStepTakesBatchesOfItsLossAndItsInput(
  { train, evaluate, read }: {
    train: typeof trainStep;
    evaluate: typeof evalStep;
    read: typeof readMetrics;
  },
  [network, optimizer, state]: [Network, Optimizer, TrainState],
  losses: {
    readonly classes: ReturnType<typeof crossEntropy>;
    readonly weighted: Loss<{ readonly weights: Float32Array; readonly size: number }, "hits">;
    readonly pairs: Loss<Pairs>;
  },
  metric: Metric<SizedBatch>,
): Promise<void> {
  const images = { data: new Float32Array(2), shape: [1, 2] };
  const weights = new Float32Array(1);
  const labels = new Int32Array(1);
  const [left, right] = [weights, weights];

  // The default's, and the same given by name.
  const [, metrics] = train(network, optimizer)(state, { images, labels, size: 1 });
  assertType<Equal<Metrics[], Awaited<ReturnType<typeof read<"accuracy">>>>>();
  (await read([metrics]))[0]!.accuracy.toFixed();
  train(network, optimizer, { loss: losses.classes })(state, { images, labels, size: 1 });
  // @ts-expect-error There are no labels.
  train(network, optimizer)(state, { images, size: 1 });
  // @ts-expect-error Nothing reads them.
  train(network, optimizer)(state, { images, labels, left, size: 1 });

  // A loss says which batches, and which metrics there are.
  const weighted = train(network, optimizer, { loss: losses.weighted, metrics: { metric } });
  const [, own] = weighted(state, { images, weights, size: 1 });
  const [{ hits, metric: value, ...rest }] = await read([own]) as [Metrics<"hits" | "metric">];
  assertType<Equal<typeof hits | typeof value, number>>();
  // @ts-expect-error It has no accuracy.
  rest.accuracy;
  // @ts-expect-error There are no weights.
  weighted(state, { images, size: 1 });
  // @ts-expect-error There are no images, and no input that does without.
  weighted(state, { weights, size: 1 });

  // An input says which batches.
  const input = (_: Pairs): Tensor => state.params["x"]!;
  const paired = evaluate(network, { loss: losses.pairs, input });
  const { means } = await paired(state, { left, right, size: 1 });
  assertType<Equal<keyof typeof means, "loss">>();
  // @ts-expect-error One half of the pair is missing.
  paired(state, { left, size: 1 });
  // @ts-expect-error Only the input takes pairs.
  paired(state, { images, labels, size: 1 });
  const variables: Variables = state;
  const given: InputBatch & Pairs = { images, left, right, size: 1 };
  await evaluate(network, { loss: losses.pairs })(variables, given);
}

export function aLayerNamesItsOwnTensors(make: typeof layer): void {
  make<"weight", "mean">("It()", (input) => ({
    outputShape: input,
    params: { weight: { shape: input } },
    buffers: { mean: { shape: input } },
    apply(x, own) {
      assertType<Equal<keyof typeof own, "weight" | "mean">>();
      // @ts-expect-error It has no bias.
      own.bias;
      return { output: x, buffers: { mean: own.mean } };
    },
  }));
  make<never, "mean">("It()", (input) => ({
    outputShape: input,
    buffers: { mean: { shape: input } },
    // @ts-expect-error It has no buffer of that name.
    apply: (x) => ({ output: x, buffers: { variance: x } }),
  }));
}
