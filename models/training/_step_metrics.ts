// The metrics of a step between the step and their reading. In main memory they are numbers at once; on a device they are a
// tensor, which goes with the metrics if nobody reads them.
import type { NumericMean } from "../losses/loss.ts";
import * as ops from "../ops/_ops.ts";
import { concat } from "../ops/parts.ts";
import type { Tensor } from "../types/tensor.ts";
import type { Measured } from "./_measure.ts";

/**
 * The metrics of a training step, still on the backend: read them with `readMetrics`. Nothing is lost if they are never read.
 *
 * @typeParam M The names of the metrics beside the loss.
 */
export interface StepMetrics<M extends string = "accuracy"> {
  /** The step's number, from 1. */
  readonly step: number;
  /** The number of examples that it saw. */
  readonly size: number;
  /** The names of the metrics beside the loss. */
  readonly names: readonly M[];
}

/** The numbers of a step's metrics, wherever they are. */
export interface OpenMetrics {
  readonly values: Float32Array | Tensor;
  readonly readMeans: Measured["readMeans"];
}

const opened = new WeakMap<object, OpenMetrics & { readonly session: object | undefined }>();

const unread = new FinalizationRegistry<{ values: Tensor; session: object | undefined }>(
  ({ values, session }) => {
    // With its backend a tensor is gone as well.
    if (session === ops.getSession()) values.dispose();
  },
);

/** Makes the metrics of a step. Consumes the tensor. */
export function createMetrics<M extends string>(
  { step, size, names }: StepMetrics<M>,
  values: Tensor,
  readMeans: Measured["readMeans"],
): StepMetrics<M> {
  const metrics: StepMetrics<M> = { step, size, names };
  const session = ops.getSession();
  if (ops.isInHostMemory()) {
    opened.set(metrics, { values: ops.viewNumbers(values).slice(), readMeans, session });
    values.dispose();
    return metrics;
  }
  opened.set(metrics, { values, readMeans, session });
  unread.register(metrics, { values, session }, metrics);
  return metrics;
}

/** Gets the numbers of metrics. Throws a RangeError if they were read before or their backend has been closed. */
export function openMetrics(metrics: StepMetrics<string>): OpenMetrics {
  const found = opened.get(metrics);
  const refuse = (why: string): never => {
    throw new RangeError(`Cannot read the metrics of step ${metrics.step} as ${why}`);
  };
  if (!found) return refuse("they were read before, and are released then");
  if (found.session !== ops.getSession()) return refuse("their backend has been closed");
  return found;
}

/** Releases metrics that were read. */
export function closeMetrics(metrics: StepMetrics<string>): void {
  const { values } = openMetrics(metrics);
  opened.delete(metrics);
  unread.unregister(metrics);
  if (!(values instanceof Float32Array)) values.dispose();
}

/** The metrics of a step as sums and weights. */
export interface StepMeans {
  readonly step: number;
  readonly size: number;
  readonly means: Readonly<Record<string, NumericMean>>;
}

/** Reads the metrics of several steps with one copy from the backend, and releases them. */
export async function readStepMeans(
  steps: readonly StepMetrics<string>[],
): Promise<StepMeans[]> {
  const opened = steps.map((step): OpenMetrics => openMetrics(step));
  const onDevice = opened.flatMap(({ values }) => values instanceof Float32Array ? [] : [values]);
  const all = onDevice.length > 0 ? await readAll(onDevice) : new Float32Array();
  steps.forEach(closeMetrics);
  let at = 0;
  return steps.map(({ step, size }, i) => {
    const { values, readMeans } = opened[i]!;
    let numbers = values;
    if (!(numbers instanceof Float32Array)) {
      const [length = 0] = numbers.shape;
      numbers = all.subarray(at, at + length);
      at += length;
    }
    return { step, size, means: readMeans(numbers, size) };
  });
}

async function readAll(vectors: readonly Tensor[]) {
  const all = ops.tidy(() => concat(vectors));
  try {
    return await all.data();
  } finally {
    all.dispose();
  }
}
