// A worker in the place of a process that trains together with others: it is told its place, and answers with what came of it.
import {
  type Communicator,
  decodeCheckpoint,
  encodeCheckpoint,
  findBatchPart,
  getOrThrow,
  openBackend,
  saveBeside,
  sharedCommunicator,
  trainEpochs,
  type TrainingBatch,
} from "@rill/rill/models";
import type { PlanOptions } from "../epochs/_plan.ts";
import { createStreams, encode, MODULE } from "../epochs/_trainings.ts";

/** What a process is told. */
export interface ProcessJob {
  readonly memory: SharedArrayBuffer;
  readonly rank: number;
  readonly threads: number;
  readonly plan: PlanOptions;
  readonly epochs: number;
  readonly saveEvery?: number;
  /** The step after which this process wants to save. */
  readonly saveAfter?: number;
  /** The step after which this process is told to end. */
  readonly endAfter?: number;
  /** The epoch in which its batches fail. */
  readonly failsIn?: number;
  /** The bytes of the checkpoint that it begins at. */
  readonly from?: Uint8Array<ArrayBuffer>;
  /** Whether it is given its part of each batch alone. */
  readonly inParts?: boolean;
  /** How many examples of each such part are kept from it. */
  readonly lacks?: number;
  /** Whether it saves with `saveBeside`, or encodes each checkpoint. */
  readonly beside?: boolean;
  /** Whether all that it is to learn from is NaN. */
  readonly isSpoilt?: boolean;
  /** How long it stands still before each epoch, in milliseconds. */
  readonly stalls?: number;
  /** A training that it makes before, by the same communicator. */
  readonly before?: Omit<ProcessJob, "memory" | "rank">;
}

/** What came of it. */
export interface ProcessOutcome {
  /** The checkpoints that it saved. */
  readonly saved: readonly Uint8Array<ArrayBuffer>[];
  /** Its events: kinds, and the numbers of steps and validations. */
  readonly told: readonly unknown[];
  readonly error?: { readonly name: string; readonly message: string };
  /** What came of the training before. */
  readonly before?: ProcessOutcome;
}

/** What a process answers. */
export interface ProcessAnswer extends ProcessOutcome {
  /** How many numbers it took of each of the other processes, on average. */
  readonly taken: number;
}

/** Counts the numbers that are taken of others. */
function countTaken(communicator: Communicator) {
  let taken = 0;
  const count = (arrays: readonly (readonly Float32Array[])[]) => {
    const others = arrays.filter((_, rank) => rank !== communicator.rank).flat();
    taken += others.reduce((sum, { length }) => sum + length, 0);
  };
  const counting: Communicator = {
    ...communicator,
    allGather(given, taken) {
      count(taken);
      communicator.allGather(given, taken);
    },
    exchange(given, taken) {
      count(taken);
      communicator.exchange(given, taken);
    },
  };
  return { counting, getTaken: () => taken / Math.max(communicator.size - 1, 1) };
}

/** Takes some examples of a batch. */
function cut({ images: { data, shape }, labels }: TrainingBatch, first: number, end: number) {
  const each = data.length / shape[0]!;
  return {
    images: {
      data: data.subarray(first * each, end * each),
      shape: [end - first, ...shape.slice(1)],
    },
    labels: labels.subarray(first, end),
    size: end - first,
  };
}

async function* spoil(batches: AsyncIterable<TrainingBatch>) {
  for await (const batch of batches) {
    batch.images.data.fill(NaN);
    yield batch;
  }
}

async function train(
  { plan, saveAfter, endAfter, failsIn, from, beside, inParts, lacks = 0, ...job }: Omit<
    ProcessJob,
    "memory" | "rank"
  >,
  processes: Communicator,
): Promise<ProcessOutcome> {
  const { before, isSpoilt, stalls } = job;
  const earlier = before && { before: await train(before, processes) };
  const backend = await openBackend("wasm");
  const controller = new AbortController();
  const takePart = (batch: TrainingBatch): TrainingBatch => {
    const [first, end] = findBatchPart(batch.size, processes);
    return { ...cut(batch, first, end - lacks), part: { first, whole: batch.size } };
  };
  async function* giveParts(batches: AsyncIterable<TrainingBatch>) {
    for await (const batch of batches) yield inParts ? takePart(batch) : batch;
  }
  const streams = createStreams([5, 4, 9, 1]);
  let steps = 0;
  const saved: Uint8Array<ArrayBuffer>[] = [];
  const told: unknown[] = [];
  const events = trainEpochs({
    backend,
    processes,
    model: MODULE,
    options: plan,
    from: from && getOrThrow(await decodeCheckpoint(from)),
    ...job,
    saveWanted: () => ++steps === saveAfter,
    signal: controller.signal,
    train(at) {
      if (at.epoch === failsIn) throw new RangeError("no luck");
      if (stalls) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stalls);
      return giveParts(isSpoilt ? spoil(streams.train(at)) : streams.train(at));
    },
    validate: () => giveParts(streams.validate()),
  });
  const kept = beside
    ? saveBeside(async ({ training }) => {
      saved.push(await new Response(ReadableStream.from(encodeCheckpoint(training))).bytes());
    })(events)
    : events;
  try {
    for await (const event of kept) {
      if (event.kind === "step") {
        told.push(event.metrics);
        if (event.metrics.step === endAfter) controller.abort();
      } else if (event.kind === "validation") {
        const { batch: { labels, size }, evaluation } = event;
        told.push({ ...evaluation, labels: labels.slice(), batch: size });
      } else if (event.kind === "checkpoint") {
        told.push(event.reason);
        if (!beside) saved.push(await encode(event));
      } else told.push(event.kind);
    }
    return { saved, told, ...earlier };
  } catch (error) {
    const { name, message } = error as Error;
    return { saved, told, error: { name, message }, ...earlier };
  } finally {
    await backend.close();
  }
}

const scope = globalThis as unknown as {
  onmessage: (event: { readonly data: ProcessJob }) => void;
  postMessage(answer: ProcessAnswer): void;
};
scope.onmessage = async ({ data: { memory, rank, ...job } }) => {
  const { counting, getTaken } = countTaken(sharedCommunicator(memory, rank));
  scope.postMessage({ ...await train(job, counting), taken: getTaken() });
};
