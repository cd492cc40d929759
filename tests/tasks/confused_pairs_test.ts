import { assertEquals } from "@std/assert";
import {
  createPairCounts,
  formatConfusedPairs,
  listConfusedPairs,
} from "../../tasks/_model/confused_pairs.ts";

const confusion = [[5, 3, 0], [1, 6, 3], [0, 0, 2]];

Deno.test("listConfusedPairs() gives the most often confused first, of as many those of the rarer class", () => {
  assertEquals(listConfusedPairs(confusion, 2), [
    { is: 0, taken: 1, count: 3, of: 8 },
    { is: 1, taken: 2, count: 3, of: 10 },
  ]);
  assertEquals(listConfusedPairs(confusion, 9).length, 3);
  assertEquals(listConfusedPairs([[4, 0], [0, 4]], 4), []);
});

Deno.test("createPairCounts() counts over batches what the matrix has", () => {
  const counts = createPairCounts();
  for (const [is, row] of confusion.entries()) {
    for (const [taken, count] of row.entries()) {
      counts.add(Array(count).fill(taken), Int32Array.from(Array(count).fill(is)));
    }
  }
  assertEquals(counts.examples, 20);
  assertEquals(counts.list(9), listConfusedPairs(confusion, 9));
  assertEquals(createPairCounts().list(4), []);
});

Deno.test("formatConfusedPairs() names the classes", () => {
  assertEquals(formatConfusedPairs(listConfusedPairs(confusion, 1), ["cat", "dog"]), [
    "is   taken for  images  of",
    "---  ---------  ------  --",
    "cat  dog             3   8",
  ]);
});
