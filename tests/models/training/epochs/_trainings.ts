import {
  type CheckpointEvent,
  decodeCheckpoint,
  type DecodedCheckpoint,
  encodeCheckpoint,
  type EncodeCheckpointOptions,
  getOrThrow,
  type TrainingBatch,
  type TrainingEvent,
  type TrainingSnapshot,
} from "@rill/rill/models";
import { randomBatch } from "../../_helpers.ts";

/** The module of the plan. */
export const MODULE: URL = new URL("_plan.ts", import.meta.url);

/** The sizes of an epoch's batches; the last has fewer examples than there are threads. */
export const SIZES: readonly number[] = [5, 4, 3, 1];

/** Counts the streams that are open, and the batches that are not released. */
export interface Meter {
  open: number;
  held: number;
}

/** Makes the streams of a training, other ones in each epoch. */
export function createStreams(
  sizes: readonly number[] = SIZES,
  meter: Meter = { open: 0, held: 0 },
) {
  async function* stream(sizes: readonly number[], seed: number, index = 0) {
    meter.open++;
    try {
      let at = 0;
      for (const [i, size] of sizes.entries()) {
        if (at >= index) {
          meter.held++;
          yield await Promise.resolve(randomBatch(size, [9, 9, 1], 3, seed + i));
        }
        at += size;
      }
    } finally {
      meter.open--;
    }
  }
  return {
    train: ({ epoch, index }: { readonly epoch: number; readonly index: number }) =>
      stream(sizes, 10 * epoch, index),
    validate: () => stream([4, 2], 100),
    release: (_batch: TrainingBatch) => {
      meter.held--;
    },
  };
}

/** Encodes a snapshot to the bytes of a file. */
export const encode = async (
  snapshot: TrainingSnapshot,
  options?: EncodeCheckpointOptions,
): Promise<Uint8Array<ArrayBuffer>> =>
  await new Response(ReadableStream.from(encodeCheckpoint(snapshot, options))).bytes();

/** Encodes and decodes a snapshot. */
export const copy = async (snapshot: TrainingSnapshot): Promise<DecodedCheckpoint> =>
  getOrThrow(await decodeCheckpoint(await encode(snapshot)));

/** A checkpoint, decoded. */
export interface Saved extends DecodedCheckpoint {
  readonly reason: CheckpointEvent["reason"];
}

/** Runs a training to its end. Gives its events, and its checkpoints decoded. */
export async function run(events: AsyncIterable<TrainingEvent>): Promise<{
  readonly events: TrainingEvent[];
  readonly saved: Saved[];
}> {
  const all: TrainingEvent[] = [];
  const saved: Saved[] = [];
  for await (const event of events) {
    all.push(event);
    if (event.kind === "checkpoint") {
      saved.push({ ...await copy(event), reason: event.reason });
    }
  }
  return { events: all, saved };
}

/** The numbers of a checkpoint without its times, for comparisons. */
export const numbersOf = ({ params, optimizer, position, reason }: Saved): unknown =>
  JSON.parse(
    JSON.stringify(
      { params, optimizer, position, reason },
      (name, value) => name === "seconds" ? undefined : value,
    ),
  );
