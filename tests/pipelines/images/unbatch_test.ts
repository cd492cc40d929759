import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  type Batch,
  batch,
  collect,
  drain,
  type Example,
  StageError,
  unbatch,
} from "@rill/rill/pipelines";
import { counting, range, testStage, tiny } from "../_helpers.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const wide = (label: number): Example<Bytes> => ({
  image: { data: Uint8Array.of(label, 1, 2, 3, 4, 5), height: 1, width: 2, channels: 3 },
  label,
});
const batches = await collect(batch(3)(counting(range(8).map(wide))));

testStage<Batch<Bytes>, Example<Bytes>>({
  name: "unbatch()",
  stage: unbatch(),
  input: batches,
  output: range(8).map(wide),
  pulled: (given) => Math.ceil(given / 3),
});

Deno.test("unbatch() gives back what batch() was given", async () => {
  const size = fc.integer({ min: 1, max: 7 });
  await fc.assert(fc.asyncProperty(fc.nat(20), size, size, async (length, a, b) => {
    const examples = range(length).map(tiny);
    const gathered = await collect(batch(a)(counting(examples)));
    assertEquals(await collect(unbatch()(counting(gathered))), examples);
    // Whatever the batches were before.
    assertEquals(
      await collect(batch(b)(unbatch()(counting(gathered)))),
      await collect(batch(b)(counting(examples))),
    );
  }));
});

Deno.test("unbatch() copies nothing", async () => {
  for (const { image } of await collect(unbatch()(counting(batches.slice(0, 1))))) {
    assertEquals(image.data.buffer, batches[0]!.images.data.buffer);
  }
});

Deno.test("unbatch() refuses a batch whose shape is not that of its data", async () => {
  const good = batches[0]!;
  for (
    const [bad, reason] of [
      [{ ...good, size: 2 }, "the batch of 2 is 3 × 1 × 2 × 3 and has 18 samples and 3 labels"],
      [{ ...good, labels: new Int32Array(2) }, "and has 18 samples and 2 labels"],
      [{ ...good, images: { ...good.images, data: new Uint8Array(17) } }, "has 17 samples"],
      [
        { ...good, images: { ...good.images, shape: [3, -1, -2, 3] as const } },
        "is 3 × -1 × -2 × 3",
      ],
    ] as const
  ) {
    const source = counting<Batch>([good, bad, good]);
    const error = await assertRejects(() => drain(unbatch()(source)), StageError, reason);
    assertEquals([error.stage, error.position, source.closed], ["unbatch", 1, 1]);
  }
});
