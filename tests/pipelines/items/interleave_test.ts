import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, interleave } from "@rill/rill/pipelines";
import { testCombined } from "../_combined.ts";
import { assertResumes, counting, indexed, nothing, range, testStage } from "../_helpers.ts";

testStage<number, number>({
  name: "interleave() of one",
  stage: (source) => interleave([source], { blockLength: 2 }),
  input: range(5),
  output: range(5),
  pulled: (given) => given,
});

testCombined("interleave()", interleave);
testCombined("interleave() of blocks", (sources) => interleave(sources, { blockLength: 2 }));

Deno.test("interleave() takes blocks in turns, and leaves out what has ended", async () => {
  const letters = () => [counting("abcde"), counting("xy"), counting("12345678")];
  for (
    const [blockLength, expected] of [
      [1, "ax1by2c3d4e5678"],
      [2, "abxy12cd34e5678"],
      [3, "abcxy123de45678"],
      [9, "abcdexy12345678"],
    ] as const
  ) {
    assertEquals((await collect(interleave(letters(), { blockLength }))).join(""), expected);
  }
});

Deno.test("interleave() gives every item once, each source's in order", async () => {
  const lists = fc.array(fc.nat(6), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(lists, fc.integer({ min: 1, max: 4 }), async (lengths, blockLength) => {
      const sources = lengths.map((length, s) => range(length).map((i) => ({ s, i })));
      const items = await assertResumes(() => interleave(sources.map(indexed), { blockLength }));
      assertEquals(
        items,
        await collect(interleave(sources.map((x) => counting(x)), { blockLength })),
      );
      sources.forEach((source, s) => assertEquals(items.filter((item) => item.s === s), source));
      assertEquals(items.length, sources.flat().length);
    }),
  );
});

Deno.test("interleave() of nothing gives nothing", async () => {
  assertEquals(await collect(interleave([])), []);
  assertEquals(await collect(interleave([nothing(), nothing()])), []);
});

Deno.test("interleave() refuses a block length that is none", () => {
  for (const blockLength of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => interleave([], { blockLength }),
      RangeError,
      `Cannot interleave blocks of ${blockLength} items: the length must be an integer of at`,
    );
  }
});
