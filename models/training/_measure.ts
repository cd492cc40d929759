// What a step measures of a network's outputs: what it differentiates, and what it reports.
import { getFusedLoss, isByExample } from "../losses/_fused_loss.ts";
import type { ClassLabels, Labels, Mean, NumericMean } from "../losses/loss.ts";
import { checkFloats } from "../ops/_base/operands.ts";
import * as ops from "../ops/_ops.ts";
import { add, multiply } from "../ops/arithmetic.ts";
import { split } from "../ops/parts.ts";
import { gatherNumbers } from "../parallel/_gather_numbers.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { singleProcess } from "../parallel/single_process.ts";
import type { Tensor } from "../types/tensor.ts";
import type { LossOptions, SizedBatch } from "./training_batch.ts";

/** A batch or a rank's part of one, and how it is to be measured. */
export interface Measuring<B extends SizedBatch> {
  readonly batch: B;
  /** The number of the whole batch's examples. */
  readonly whole: number;
  /** Whether the part has no example of its own, and its batch is only there to be computed with. */
  readonly empty: boolean;
  /** The state of loss scaling, where the objective is to be scaled. */
  readonly scaling?: Tensor | undefined;
  /** Whether the objective is divided by the weight of all parts. */
  readonly divides: boolean;
  /** Where the batch's blocks end, if they are summed one by one. */
  readonly ends?: readonly number[] | undefined;
  /** Gives some of the batch's examples. */
  cut?(start: number, end: number): B;
  readonly communicator: Communicator;
}

/** What is measured of a batch, or of a part of one. */
export interface Measured {
  /** What is to be differentiated: the loss, or a vector with it as the first number. */
  readonly objective: Tensor;
  /** The numbers to report, a vector: those of each block, or of all that is here; the objective itself, or others. */
  readonly values: Tensor;
  /** How many there are of each. */
  readonly numbers: number;
  /** The sum of the weights of the whole batch's loss, where the objective is a sum. */
  readonly weight?: Tensor | number;
  /** The names of the metrics beside the loss. */
  readonly names: readonly string[];
  /** Reads the reported numbers of a batch of `size` examples. */
  readMeans(values: ArrayLike<number>, size: number): Record<string, NumericMean>;
}

/** The measuring of a step. */
export interface Measure<B extends SizedBatch> {
  /** Throws a RangeError, before anything is computed, for a batch that can't be measured, as far as that can be seen. */
  check(batch: B, outputShape: readonly number[]): void;
  /** Tells the length of the objective, where it is a vector, of a batch of so many blocks. */
  lengthOf(batch: B, divides: boolean, blocks: number): number | undefined;
  /** Measures the outputs for a batch or a part of one. */
  measure(output: Tensor, measuring: Measuring<B>): Measured;
}

/** Measures the outputs for a batch that is here as a whole, which nothing is differentiated of. */
export function measureWhole<B extends SizedBatch>(
  { measure }: Measure<B>,
  output: Tensor,
  batch: B,
): Pick<Measured, "values" | "readMeans"> {
  const { values, readMeans } = measure(output, {
    batch,
    whole: batch.size,
    empty: false,
    divides: true,
    communicator: singleProcess(),
  });
  return { values, readMeans };
}

/** Makes the measuring of a loss and metrics: by the loss's own program where it has one and nothing else is wanted. */
export function createMeasure<B extends SizedBatch>(
  options: LossOptions<B, string, string>,
): Measure<B> {
  const names = Object.keys(options.metrics ?? {});
  const reserved = names.find((name) => RESERVED.includes(name));
  if (reserved) throw new RangeError(`Cannot call a metric ${reserved}: a step reports another`);
  const program = names.length === 0 ? getFusedLoss(options.loss) : undefined;
  // A batch with more in it isn't for the program.
  const isPlain = (batch: SizedBatch): batch is B & Labels =>
    program !== undefined && program.takes(batch as ClassLabels) &&
    Object.keys(batch).every((name) => ["images", "labels", "part", "size"].includes(name));
  return {
    check(batch, outputShape) {
      if (program && isPlain(batch)) program.check(batch, outputShape);
    },
    lengthOf: (batch, divides, blocks) =>
      program && divides && isPlain(batch) ? 2 * blocks : undefined,
    measure(output, measuring) {
      const { batch, whole, divides, scaling, ends } = measuring;
      if (!program || !divides || !isPlain(batch)) return measureSums(options, output, measuring);
      const objective = program.measure(output, batch, {
        scaling,
        ...ends && { count: whole, ends },
      });
      return {
        objective,
        values: objective,
        numbers: 2,
        names: ["accuracy"],
        readMeans: readProgram,
      };
    },
  };
}

function readProgram({ 0: loss = NaN, 1: correct = NaN }: ArrayLike<number>, size: number) {
  return {
    loss: { sum: loss * size, weight: size },
    accuracy: { sum: correct, weight: size },
  };
}

/** What the numbers that are read are called beside the metrics. */
const RESERVED = ["loss", "size", "step"];

/** Measures by functions that give sums and weights. */
function measureSums<B extends SizedBatch>(
  options: LossOptions<B, string, string>,
  output: Tensor,
  { batch, empty, divides, scaling, ends, cut, communicator }: Measuring<B>,
): Measured {
  // A loss of one's own may compare examples with each other, and gets all that are here.
  const ofBlocks = ends !== undefined && cut !== undefined && ends.length > 1 &&
    [options.loss, ...Object.values(options.metrics ?? {})].every(isByExample);
  const parts = ofBlocks
    ? cutInBlocks(output, ends).map(({ part, start, end }) =>
      listMeans(options, part, cut(start, end))
    )
    : [listMeans(options, output, batch)];
  const names = [...parts[0]!.keys()];
  const values = ops.stackNumbers(
    parts.flatMap((means) => [...means.values()].flatMap(({ sum, weight }) => [sum, weight])),
  );
  const sum = parts.map((means) => means.get("loss")!.sum).reduce((sum, one) => add(sum, one));
  const weights = parts.map((means) => means.get("loss")!.weight);
  const weight = ends || communicator.size > 1
    ? addWeights(empty ? [] : weights, communicator)
    : weights[0]!;
  const objective = divides ? ops.divideBy(sum, weight) : sum;
  return {
    objective: scaling ? multiply(objective, ops.takeNumber(scaling, 0)) : objective,
    values,
    numbers: 2 * names.length,
    ...!divides && { weight },
    names: names.filter((name) => name !== "loss"),
    readMeans: (values) =>
      Object.fromEntries(
        names.map((name, i) => [
          name,
          { sum: values[2 * i] ?? NaN, weight: values[2 * i + 1] ?? NaN },
        ]),
      ),
  };
}

/** Cuts outputs at the ends of blocks. */
function cutInBlocks(
  output: Tensor,
  ends: readonly number[],
): { readonly part: Tensor; readonly start: number; readonly end: number }[] {
  const starts = [0, ...ends.slice(0, -1)];
  const parts = split(output, ends.map((end, i) => end - starts[i]!));
  return parts.map((part, i) => ({ part, start: starts[i]!, end: ends[i]! }));
}

/** Lists the loss's mean and those of all metrics. */
function listMeans<B extends SizedBatch>(
  { loss, metrics = {} }: LossOptions<B, string, string>,
  output: Tensor,
  batch: B,
): Map<string, Mean> {
  const { metrics: own = {}, ...main } = checkMean("loss", loss(output, batch));
  const means = new Map<string, Mean>([["loss", main]]);
  const add = (name: string, mean: Mean) => {
    if (means.has(name)) throw new RangeError(`Cannot report two metrics called ${name}`);
    means.set(name, checkMean(name, mean));
  };
  for (const [name, mean] of Object.entries(own)) add(name, mean);
  for (const [name, metric] of Object.entries(metrics)) add(name, metric(output, batch));
  return means;
}

/** Gives what a loss or a metric has given. Throws unless it is a sum and a weight, scalars that can be computed with. */
function checkMean<M extends Mean>(name: string, mean: M): M {
  if (typeof mean !== "object" || mean === null || !("sum" in mean && "weight" in mean)) {
    throw new TypeError(`Cannot take ${name} for a mean: it gave no { sum, weight }`);
  }
  const { sum, weight }: Mean = mean;
  checkFloats(`take for the sum of ${name}`, sum);
  if (typeof weight !== "number") checkFloats(`take for the weight of ${name}`, weight);
  const isScalar = sum.shape.length === 0 &&
    (typeof weight === "number" || weight.shape.length === 0);
  if (isScalar) return mean;
  throw new RangeError(
    `Cannot take ${name} for a mean: its sum is of [${sum.shape}] and its weight ${
      typeof weight === "number" ? "a number" : `of [${weight.shape}]`
    }, where both must be scalars`,
  );
}

/** Adds up the weights of all parts in all ranks, before anything is divided by their sum. */
function addWeights(weights: readonly (Tensor | number)[], communicator: Communicator): number {
  const own = Float64Array.from(
    weights,
    (weight) => typeof weight === "number" ? weight : ops.viewNumbers(weight)[0] ?? NaN,
  );
  return gatherNumbers(own, communicator).reduce((sum, weight) => sum + weight, 0);
}
