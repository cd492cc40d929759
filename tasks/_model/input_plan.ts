import { flow } from "fp-ts/lib/function.js";
import { type Backend, imageInput, type InputOptions } from "../../models/mod.ts";
import type { Batch } from "../../pipelines/data/batch.ts";
import type { Example } from "../../pipelines/data/example.ts";
import { batch } from "../../pipelines/images/batch.ts";
import { normalize } from "../../pipelines/images/normalize.ts";
import { prefetch } from "../../pipelines/items/prefetch.ts";
import { skip } from "../../pipelines/items/skip.ts";
import { measure } from "../../pipelines/measure/measure.ts";
import { prepareImages, type PrepareOptions } from "../_data/prepare_images.ts";
import type { Preprocessing } from "../_data/prepare/preprocessing.ts";
import type { StoredRecord } from "../_data/sets/data_set.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The way of stored records into a network. */
export interface InputPlan {
  /** Creates the stages from stored records to batches. */
  readonly batches: (
    batchSize: number,
    options?: PrepareOptions & {
      /** How many examples to leave out at the beginning. */
      readonly drop?: number;
    },
  ) => (records: AsyncIterable<StoredRecord>) => AsyncIterable<Batch>;
  /** Whether the batches are of bytes. */
  readonly takesBytes: boolean;
  /** The options of the steps that take these batches. */
  readonly stepOptions: InputOptions;
}

/**
 * Plans the input that suits a backend. WebGPU gets bytes and normalizes them itself, so that little is copied; it resizes them, too,
 * where images are stored as pixels of one size and nothing is done to them before. Elsewhere stages do that. The network sees the
 * same numbers.
 *
 * @param stored What is known of the images: their size, where they have one, and their channels.
 */
export function planInput(
  backend: Pick<Backend, "name">,
  preprocessing: Preprocessing,
  stored: { readonly size: unknown; readonly channels: number },
): InputPlan {
  const { mean, std, resize, channels } = preprocessing;
  const takesBytes = backend.name === "webgpu";
  const isPlain = takesBytes && stored.size !== undefined && resize === "stretch" &&
    stored.channels === channels;
  return {
    takesBytes,
    stepOptions: takesBytes ? { input: imageInput({ mean, std }) } : {},
    batches(batchSize, { drop = 0, ...options } = {}) {
      const { meter = measure({ enabled: false }) } = options;
      // A record that is bad has no pixels.
      const prepare = isPlain && !options.augment && !options.badRecords?.policy
        ? (records: AsyncIterable<StoredRecord>) => records as AsyncIterable<Example<Bytes>>
        : prepareImages(preprocessing, options);
      const toBatches: (examples: AsyncIterable<Example<Bytes>>) => AsyncIterable<Batch> =
        takesBytes ? meter.stage("batch", batch(batchSize)<Bytes>) : flow(
          meter.stage("normalize", normalize({ mean, std })),
          meter.stage("batch", batch(batchSize)<Float32Array<ArrayBuffer>>),
        );
      return flow(
        prepare,
        drop === 0 ? (examples) => examples : skip(drop)<Example<Bytes>>,
        toBatches,
        meter.stage("prefetch", prefetch(2)<Batch>),
      );
    },
  };
}
