import { flow } from "fp-ts/lib/function.js";
import type { Batch, Example, IndexedSource } from "../../../pipelines/mod.ts";
import { BATCH_SIZE, type Contestant, MEAN, STD } from "./contestant.ts";
import type { Library } from "./library.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Loads the images of an epoch as batches of floats. */
export function loadBatches(
  { batch, normalize, readIndexed, resize }: Library,
  source: IndexedSource<Example<Bytes>>,
  { side, images, epoch }: {
    readonly side: number;
    readonly images: number;
    readonly epoch: number;
  },
): AsyncIterable<Batch<Float32Array<ArrayBuffer>>> {
  const toBatches = flow(
    resize({ height: side, width: side }),
    normalize({ mean: MEAN, std: STD }),
    batch(BATCH_SIZE),
  );
  return toBatches(readIndexed({ seed: 1, epoch, to: images })(source));
}

/** Gives Rill as a contestant, with new arrays for each batch or with those that are given back. */
export function makeRillLoader(
  library: Library,
  source: IndexedSource<Example<Bytes>>,
  { recycled }: { readonly recycled: boolean },
): Contestant {
  let epoch = 0;
  return {
    name: recycled ? "Rill, batches recycled" : "Rill",
    about: `Deno ${Deno.version.deno}`,
    load: async ({ side, images }) => {
      const start = performance.now();
      const batches = loadBatches(library, source, { side, images, epoch: epoch++ });
      await library.drain(recycled ? library.tap(library.recycle)(batches) : batches);
      return (performance.now() - start) / 1000;
    },
    close: () => Promise.resolve(),
  };
}
