import { assertEquals, assertThrows } from "@std/assert";
import { type Communicator, findBatchPart, shareBatch, type SizedBatch } from "@rill/rill/models";
import { gatherBatch } from "../../../models/training/_gather_batch.ts";

const whole = {
  images: { data: Float32Array.from({ length: 20 }, (_, i) => i), shape: [5, 2, 2] },
  labels: Int32Array.of(0, 1, 2, 3, 4),
  masks: { data: Uint8Array.from({ length: 15 }, (_, i) => i), shape: [5, 3] as const, soft: true },
  names: ["a", "b", "c", "d", "e"],
  absent: undefined,
  size: 5,
};

const share = (rank: number, size: number) => shareBatch(whole, { rank, size });

Deno.test("shareBatch() shares every field, in order, and views what it can", () => {
  for (const size of [1, 2, 3, 5, 7]) {
    const parts = Array.from({ length: size }, (_, rank) => share(rank, size));
    assertEquals(parts.reduce((sum, part) => sum + part.size, 0), 5);
    assertEquals(parts.flatMap(({ labels }) => [...labels]), [...whole.labels]);
    assertEquals(parts.flatMap(({ names }) => names), whole.names);
    assertEquals(parts.flatMap(({ images }) => [...images.data]), [...whole.images.data]);
    assertEquals(parts.flatMap(({ masks }) => [...masks.data]), [...whole.masks.data]);
    for (const part of parts) {
      assertEquals(
        [part.images.shape, part.masks.shape as readonly number[], part.masks.soft],
        [[part.size, 2, 2], [part.size, 3], true],
      );
      assertEquals(part.images.data.buffer, whole.images.data.buffer);
      assertEquals(part.labels.buffer, whole.labels.buffer);
      assertEquals([part.labels.length, part.names.length], [part.size, part.size]);
    }
    const most = Math.ceil(5 / size);
    assertEquals(parts.every((part) => part.size === most || part.size === most - 1), true);
  }
});

Deno.test("shareBatch() gives nothing to some where there are more ranks than examples", () => {
  const one = { labels: Int32Array.of(7), size: 1 };
  const sizes = [0, 1, 2].map((rank) => shareBatch(one, { rank, size: 3 }));
  assertEquals(sizes.map(({ size, labels }) => [size, ...labels]), [[0], [0], [1, 7]]);
});

Deno.test("shareBatch() refuses a batch whose fields don't fit it", () => {
  for (
    const [batch, message] of [
      [{ ...whole, labels: Int32Array.of(1) }, "the field labels of 1: each field has one entry"],
      [{ ...whole, size: 4 }, "a batch of 4 examples with the field images of 5 x 2 x 2"],
      [{ ...whole, size: 0 }, "a batch of 0 examples: there must be at least one"],
    ] as const
  ) {
    assertThrows(() => shareBatch(batch, { rank: 0, size: 2 }), RangeError, message);
  }
});

/** A batch with names. */
interface Named extends SizedBatch {
  readonly names: string[];
  readonly labels: Int32Array;
}

/** Takes the examples that a rank needs as a part. */
function takePart(rank: number, size: number): Named {
  const [first, end] = findBatchPart(whole.size, { rank, size });
  const names = whole.names.slice(first, end);
  const labels = whole.labels.subarray(first, end);
  const part = { first, whole: whole.size };
  return { names, labels, size: end - first, part };
}

Deno.test("shareBatch() shares parts as it does the whole", () => {
  for (const size of [1, 2, 3, 5, 7]) {
    for (let rank = 0; rank < size; rank++) {
      const { names, labels, size: count } = share(rank, size);
      const part = shareBatch(takePart(rank, size), { rank, size });
      assertEquals(part, { names, labels, size: count });
    }
  }
  // That of a process has those of its threads, also where these are more than the examples.
  for (let rank = 0; rank < 12; rank++) {
    const { names } = shareBatch(takePart(Math.floor(rank / 4), 3), { rank, size: 12 });
    assertEquals(names, share(rank, 12).names);
  }
});

Deno.test("shareBatch() refuses what is no part of a batch, and one that lacks some of the share", () => {
  const part = takePart(0, 2);
  for (
    const [place, message] of [
      [{ first: 4, whole: 5 }, "a batch of 2 examples as those after 4 of 5: they must be among"],
      [{ first: -1, whole: 5 }, "as those after -1 of 5"],
      [{ first: 0.5, whole: 5 }, "as those after 0.5 of 5"],
      [{ first: 1, whole: 5 }, "examples 0 to 2 of a batch of 5, the share of rank 0 of 2, of a"],
      [{ first: 0, whole: 9 }, "examples 0 to 4 of a batch of 9"],
    ] as const
  ) {
    const other = { ...part, part: place };
    assertThrows(() => shareBatch(other, { rank: 0, size: 2 }), RangeError, message);
  }
});

/** The first of some ranks, where all others give what it does. */
const echo = (size: number): Communicator => ({
  rank: 0,
  size,
  allGather: (given, taken) =>
    taken.slice(1).forEach((arrays) => arrays.forEach((array, i) => array.set(given[i]!))),
  exchange: () => {},
  abort: () => {},
});

Deno.test("the parts of a batch are gathered without their images", () => {
  const { part: _, size, ...rest } = takePart(0, 1);
  const batch = {
    ...rest,
    // Bits that are no number.
    scores: {
      data: new Float32Array(Uint32Array.of(0x7fc00001, 1, 2, 3, 4).buffer),
      shape: [5, 1],
    },
    masks: whole.masks,
    images: whole.images,
    size,
    part: { first: 0, whole: 10 },
  };
  const gathered = gatherBatch(batch, echo(2));
  assertEquals(gathered.names, [...whole.names, ...whole.names]);
  assertEquals([...gathered.labels], [...whole.labels, ...whole.labels]);
  const { data, shape } = gathered.masks;
  assertEquals([[...data], shape.length], [[...whole.masks.data, ...whole.masks.data], 2]);
  assertEquals(new Uint32Array(gathered.scores.data.buffer)[5], 0x7fc00001);
  assertEquals([gathered.scores.shape, gathered.size, gathered.part], [[10, 1], 10, undefined]);
  assertThrows(() => gathered.images, RangeError, "Cannot look at the images of a batch");
  const odd = { ...batch, names: [{}, {}, {}, {}, {}] };
  assertThrows(() => gatherBatch(odd, echo(2)), RangeError, "with the field names: it takes");
});
