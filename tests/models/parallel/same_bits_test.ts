import { assertEquals } from "@std/assert";
import { listNodes, sumNode } from "../../../models/ops/_base/sum_tree.ts";
import { computeBatchShare, countBlocks } from "../../../models/parallel/_share.ts";
import { withBackend } from "../_helpers.ts";
import { threadsTest } from "../_threads.ts";
import { runRanks } from "./_run_ranks.ts";
import { type Job, trainRank } from "./_same_bits.ts";

const train = (size: number, job: Job) =>
  withBackend(
    "wasm",
    () => runRanks(size, new URL("_same_bits_worker.ts", import.meta.url), trainRank, job),
  );

const JOBS: readonly (Job & { readonly sizes: readonly number[] })[] = [
  // A batch that the blocks divide, one that they don't, and fewer examples than ranks.
  { network: "lenet", optimizer: "sgd", batches: [128, 100, 7, 1], sizes: [2, 3, 5] },
  { network: "lenet", optimizer: "clipped", batches: [31, 2], measure: "soft", sizes: [3] },
  { network: "resnet8", optimizer: "adam", batches: [13, 7, 1], sizes: [2, 3] },
  { network: "mobile", optimizer: "rmsprop", batches: [14, 7, 2], sizes: [2, 3] },
  { network: "branches", optimizer: "pieces", batches: [14, 7, 1, 5], sizes: [2, 5] },
  { network: "branches", optimizer: "sgd", batches: [17, 4], measure: "mixed", sizes: [3] },
  // The last batch is so large that products aren't shared any more.
  { network: "dense", optimizer: "pieces", batches: [14, 7, 3, 120], sizes: [2, 3, 5] },
  { network: "dense", optimizer: "adam", batches: [9, 14], measure: "regression", sizes: [3] },
  // The last batch is so large that filters' gradients aren't shared any more.
  { network: "deep", optimizer: "pieces", batches: [14, 7, 3, 120], sizes: [2, 3, 5] },
  { network: "deep", optimizer: "adam", batches: [9, 2], sizes: [3] },
  { network: "alexnet", optimizer: "sgd", batches: [4], sizes: [3] },
];

for (const { sizes, ...job } of JOBS) {
  const { network, optimizer, measure } = job;
  const what = [network, optimizer, ...measure ? [measure] : []].join(", ");
  threadsTest(2, `any number of ranks trains to the same bits: ${what}`, async () => {
    const [alone] = await train(1, job);
    for (const size of sizes) {
      for (const one of await train(size, job)) assertEquals(one, alone, `${size} ranks`);
    }
  });
}

Deno.test("sums over blocks have one order, whoever has which", () => {
  // As text, which tells the order.
  const add = (a: string, b: string) => `(${a} ${b})`;
  const sum = (count: number) =>
    sumNode([0, count], ([first, end]) => end - first === 1 ? `${first}` : undefined, add);
  assertEquals(sum(6), "((0 (1 2)) (3 (4 5)))");
  for (const examples of [1, 2, 5, 12, 100, 128, 255, 256, 600]) {
    const count = countBlocks(examples);
    for (const size of [1, 2, 3, 5, 7, 64]) {
      const nodes = new Map<string, string>();
      let next = 0;
      for (let rank = 0; rank < size; rank++) {
        const share = computeBatchShare(examples, rank, size);
        assertEquals(share.examples[0], next);
        next = share.examples[1];
        for (const node of listNodes(count, share.blocks)) {
          const [first, end] = node;
          nodes.set(
            `${node}`,
            sumNode(node, (n) => n[1] - n[0] === 1 ? `${n[0]}` : undefined, add),
          );
          assertEquals(first >= share.blocks[0] && end <= share.blocks[1], true);
        }
      }
      assertEquals(next, examples);
      assertEquals(sumNode([0, count], (node) => nodes.get(`${node}`), add), sum(count));
    }
  }
});

Deno.test("a batch is cut into blocks by its size alone, of which many ranks get their share", () => {
  assertEquals([1, 7, 12, 128, 255, 256, 512].map(countBlocks), [1, 7, 12, 12, 12, 24, 48]);
  for (const size of [1, 2, 3, 4, 6, 12]) {
    const shares = Array.from({ length: size }, (_, rank) => {
      const [first, end] = computeBatchShare(128, rank, size).examples;
      return end - first;
    });
    assertEquals(Math.max(...shares) - Math.min(...shares) <= 1, true);
  }
});
