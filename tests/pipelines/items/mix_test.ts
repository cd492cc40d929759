import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, mix, type MixOptions } from "@rill/rill/pipelines";
import { testCombined } from "../_combined.ts";
import { assertResumes, counting, indexed, nothing, range, testStage } from "../_helpers.ts";

testStage<number, number>({
  name: "mix() of one",
  stage: (source) => mix([source], { seed: 1 }),
  input: range(4),
  output: range(4),
  pulled: (given) => given,
});

testCombined("mix()", (sources) => mix(sources, { seed: 3 }));

const letters = (options: MixOptions): Promise<string> =>
  collect(mix(["aaaaaaaaaaaa", "bbbbbb", "ccc"].map((text) => counting(text)), options))
    .then((items) => items.join(""));

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("mix() keeps its orders from version to version", async () => {
  assertEquals(await letters({ seed: 0 }), "abaaabccacabaaaaababb");
  assertEquals(await letters({ seed: 1 }), "bccaacaabbbbbaaaaaaaa");
  assertEquals(await letters({ seed: 1, epoch: 1 }), "bbccbbbaabcaaaaaaaaaa");
  assertEquals(await letters({ seed: 1, weights: [4, 2, 1] }), "bbcaabaabacbbaacaaaaa");
  assertEquals(
    await letters({ seed: 1, weights: [4, 2, 1], endsWith: "first" }),
    "bbcaabaabacbbaac",
  );
  const { MAX_SAFE_INTEGER } = Number;
  assertEquals(
    await letters({ seed: MAX_SAFE_INTEGER, epoch: MAX_SAFE_INTEGER }),
    "bacaabbacabbbcaaaaaaa",
  );
});

Deno.test("mix() gives every item once, each source's in order, and resumes anywhere", async () => {
  const sources = fc.array(
    fc.record({ length: fc.nat(5), weight: fc.double({ min: 0.01, max: 9, noNaN: true }) }),
    { maxLength: 4 },
  );
  const endsWith = fc.constantFrom("first", "last");
  await fc.assert(
    fc.asyncProperty(sources, fc.maxSafeNat(), endsWith, async (sources, seed, endsWith) => {
      const options = { seed, endsWith, weights: sources.map(({ weight }) => weight) };
      const lists = sources.map(({ length }, s) => range(length).map((i) => ({ s, i })));
      const items = await assertResumes(() => mix(lists.map(indexed), options));
      lists.forEach((list, s) => {
        const own = items.filter((item) => item.s === s);
        assertEquals(own, endsWith === "last" ? list : list.slice(0, own.length));
      });
      if (endsWith === "first" && lists.length > 0) {
        assert(
          lists.some((list, s) => items.filter((item) => item.s === s).length === list.length),
        );
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("mix() chooses by the weights", async () => {
  const sources = [0, 1, 2].map((s) => counting(range(10_000).map(() => s)));
  const items = await collect(mix(sources, { weights: [5, 3, 2], seed: 7, endsWith: "first" }));
  for (const [s, share] of [0.5, 0.3, 0.2].entries()) {
    const count = items.filter((item) => item === s).length;
    const std = Math.sqrt(items.length * share * (1 - share));
    assert(Math.abs(count - items.length * share) < 5 * std, `${count} of source ${s}`);
  }
});

Deno.test("mix() ends with the first source, or goes on with the others", async () => {
  const weights = [1, 1000];
  const few = () => [counting(range(2)), counting(range(3))];
  assertEquals(await collect(mix(few(), { weights, seed: 1, endsWith: "first" })), [0, 1, 2]);
  assertEquals(await collect(mix(few(), { weights, seed: 1 })), [0, 1, 2, 0, 1]);
  assertEquals(await collect(mix([nothing(), counting([1])], { seed: 1 })), [1]);
});

Deno.test("mix() ended by the first source closes the others", async () => {
  const sources = [counting(range(2)), counting(range(99))];
  await collect(mix(sources, { weights: [9, 1], seed: 1, endsWith: "first" }));
  assertEquals(sources.map(({ closed }) => closed), [0, 1]);
});

Deno.test("mix() has another order for another epoch or seed", async () => {
  const order = await letters({ seed: 3, epoch: 4 });
  assertNotEquals(await letters({ seed: 3, epoch: 5 }), order);
  assertNotEquals(await letters({ seed: 4, epoch: 4 }), order);
  assertNotEquals(await letters({ seed: 4, epoch: 3 }), order);
});

Deno.test("mix() of nothing gives nothing", async () => {
  assertEquals(await collect(mix([], { seed: 0 })), []);
  assertEquals(await collect(mix([], { seed: 0, endsWith: "first" })), []);
});

Deno.test("mix() refuses bad options", () => {
  const two = [nothing(), nothing()];
  const bad = "there must be one for each, finite and above 0";
  for (
    const [options, message] of [
      [{ seed: -1 }, "Cannot mix by seed -1: the seed must be an integer of at least 0"],
      [{ seed: 0, epoch: NaN }, "Cannot mix for epoch NaN: the epoch must be an integer"],
      [{ seed: 0, weights: [1] }, `Cannot mix 2 sources by the weights [1]: ${bad}`],
      [{ seed: 0, weights: [1, 0] }, `Cannot mix 2 sources by the weights [1, 0]: ${bad}`],
      [{ seed: 0, weights: [1, NaN] }, bad],
      [{ seed: 0, weights: [1, Infinity] }, bad],
      [{ seed: 0, weights: [Number.MAX_VALUE, Number.MAX_VALUE] }, bad],
    ] as const
  ) {
    assertThrows(() => mix(two, options), RangeError, message);
  }
});
