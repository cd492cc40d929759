import { assert } from "@std/assert";
import { flow } from "fp-ts/lib/function.js";
import {
  batch,
  type EncodedImage,
  flipHorizontal,
  normalize,
  randomRegion,
  readIndexed,
  recycle,
  resize,
} from "@rill/rill/pipelines";
import { decodeImage } from "@rill/rill/pipelines/decode-image";
import { nightly } from "../../_nightly.ts";
import { oddFile, oddImages } from "../_odd_images.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Each night many; at each change enough to see what each would leave. */
const PICTURES = nightly === undefined ? 100_000 : 3000;

/** Measures by how much the process has grown from the second third of the batches to the last, in bytes. */
async function measureGrowth(): Promise<number> {
  const files = oddImages.filter(({ name }) => name.startsWith("JPEG"))
    .map(({ name }, label): EncodedImage => ({ bytes: oddFile(name), label }));
  const source = { length: PICTURES, get: (i: number) => files[i % files.length]! };
  const toBatches = flow(
    readIndexed({ seed: 1, epoch: 0 })<EncodedImage>,
    randomRegion()<EncodedImage>,
    decodeImage({ channels: 3 }),
    resize({ height: 32, width: 32 })<Bytes>,
    flipHorizontal()<Bytes>,
    normalize(),
    batch(50),
  );
  // What garbage there is differs from time to time: the least of many is what is kept.
  const memory: number[] = [];
  for await (const one of toBatches(source)) {
    recycle(one);
    memory.push(Deno.memoryUsage().rss);
  }
  const third = Math.floor(memory.length / 3);
  const least = (values: number[]) => Math.min(...values);
  return least(memory.slice(-third)) - least(memory.slice(third, 2 * third));
}

Deno.test(`${PICTURES} pictures become batches in the memory of a few`, async () => {
  // Other tests may run in this process, and grow meanwhile: what grows by itself does so each time.
  let growth = Infinity;
  for (let attempt = 0; attempt < 5 && growth >= 12e6; attempt++) growth = await measureGrowth();
  assert(growth < 12e6, `it grew by ${growth / 1e6} MB`);
});
