import { assertEquals, assertThrows } from "@std/assert";
import { sharedCommunicator, sharedMemory, singleProcess } from "@rill/rill/models";
import { computeChunkLength } from "../../../models/parallel/_shared_layout.ts";
import { threadsTest } from "../_threads.ts";
import { checkFailure, fail, FAILING } from "./_communicator.ts";

/** Has so many ranks check what every communicator does, and gives their answers. */
async function check(size: number): Promise<unknown[]> {
  const memory = sharedMemory(size);
  const workers = Array.from(
    { length: size },
    () => new Worker(new URL("_communicator_worker.ts", import.meta.url), { type: "module" }),
  );
  try {
    return await Promise.all(
      workers.map((worker, rank) =>
        new Promise<unknown>((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = (event) => {
            event.preventDefault();
            reject(new Error(event.message));
          };
          worker.postMessage({ memory, rank, piece: computeChunkLength(size) });
        })
      ),
    );
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

for (const size of [1, 2, 3, 5]) {
  threadsTest(2, `${size} ranks exchange numbers, whatever the lengths and memories`, async () => {
    assertEquals(await check(size), Array.from({ length: size }, (_, rank) => ({ rank })));
  });
}

Deno.test("a single process keeps its numbers", () => {
  const { rank, size, ...calls } = singleProcess();
  const array = Float32Array.of(1, 2);
  calls.allGather([array], [[array]]);
  calls.exchange([[array]], [[array]]);
  calls.abort("nobody hears it");
  assertEquals([rank, size, ...array], [0, 1, 1, 2]);
});

threadsTest(2, "the first failure is the one that all are told, from then on", () => {
  const memory = sharedMemory(3);
  const ranks = [0, 1, 2].map((rank) => sharedCommunicator(memory, rank));
  fail(ranks[FAILING]!);
  for (const rank of ranks) checkFailure(rank);
});

threadsTest(2, "shared memory and ranks that cannot be are refused", () => {
  for (const size of [0, 1.5, 65, NaN]) {
    assertThrows(() => sharedMemory(size), RangeError, `between ${size} ranks`);
  }
  for (const rank of [-1, 2, 0.5]) {
    assertThrows(() => sharedCommunicator(sharedMemory(2), rank), RangeError, `as rank ${rank}`);
  }
  assertThrows(
    () => sharedCommunicator(new SharedArrayBuffer(4096), 0),
    RangeError,
    "it is not from sharedMemory",
  );
});
