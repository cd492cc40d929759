import { assert, assertEquals, assertThrows } from "@std/assert";
import { foldIn, type Key, randomKey } from "@rill/rill/models";
import { threefry } from "../../../models/random/_threefry.ts";

Deno.test("threefry gives the known answers of Random123", () => {
  // From kat_vectors of the authors' library: threefry2x32, 20 rounds.
  const cases: [key: Key, counter: Key, expected: Key][] = [
    [[0, 0], [0, 0], [0x6b200159, 0x99ba4efe]],
    [[0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], [0x1cb996fc, 0xbb002be7]],
    [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], [0xc4923a9c, 0x483df7a0]],
  ];
  for (const [key, counter, expected] of cases) {
    const out = new Uint32Array(3);
    threefry(...key, ...counter, out, 1);
    assertEquals([...out], [0, ...expected]);
  }
});

Deno.test("foldIn's keys are pinned: another value is another run for every seed", () => {
  assertEquals(foldIn(randomKey(0), 0), [3520496301, 2513315811]);
  assertEquals(foldIn(randomKey(0), 1), [1065179034, 1741568792]);
  assertEquals(foldIn(randomKey(2 ** 40 + 7), 0xFFFFFFFF), [1313626789, 3306226494]);
});

Deno.test("foldIn's keys differ by key and number", () => {
  const keys = new Set<string>();
  for (let seed = 0; seed < 50; seed++) {
    for (let data = 0; data < 50; data++) keys.add(String(foldIn(randomKey(seed), data)));
  }
  assertEquals(keys.size, 2500);
});

Deno.test("randomKey takes integers that a double holds exactly", () => {
  assertEquals(randomKey(0), [0, 0]);
  assertEquals(randomKey(2 ** 32), [1, 0]);
  assertEquals(randomKey(2 ** 53 - 1), [0x1FFFFF, 0xFFFFFFFF]);
  for (const seed of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    const error = assertThrows(() => randomKey(seed), RangeError);
    assert(error.message.startsWith(`Cannot make a random key from ${seed}: `));
  }
});
