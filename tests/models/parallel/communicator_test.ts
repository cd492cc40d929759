import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CommunicatorError,
  sharedCommunicator,
  sharedMemory,
  singleProcess,
} from "@rill/rill/models";
import { computeShare } from "../../../models/parallel/_share.ts";
import { computeChunkLength } from "../../../models/parallel/_shared_layout.ts";
import { addByModule, addOneByOne, addTo } from "../../../models/kernels/wasm/_adder.ts";
import { PLAIN } from "../../../models/kernels/wasm/_module_bytes.ts";
import { arraysOf, type Exchange } from "./_communicator.ts";
import { numbers } from "../_helpers.ts";
import { threadsTest } from "../_threads.ts";

/** Runs so many ranks, and gives what each has after the exchanges. */
async function exchange(size: number, exchanges: readonly Exchange[]): Promise<Float32Array[][][]> {
  const memory = sharedMemory(size);
  const workers = Array.from(
    { length: size },
    () => new Worker(new URL("_communicator_worker.ts", import.meta.url), { type: "module" }),
  );
  try {
    return await Promise.all(
      workers.map((worker, rank) =>
        new Promise<Float32Array[][]>((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = (event) => {
            event.preventDefault();
            reject(new Error(event.message));
          };
          worker.postMessage({ memory, rank, exchanges });
        })
      ),
    );
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

const flat = (arrays: readonly Float32Array[]): number[] => arrays.flatMap((array) => [...array]);

function assertNumbers(actual: readonly Float32Array[], expected: readonly number[], what: string) {
  const found = flat(actual);
  assertEquals(found.length, expected.length);
  const at = expected.findIndex((value, i) => !Object.is(value, found[i]));
  assert(at < 0, `${what}: ${found[at]} instead of ${expected[at]} at ${at}`);
}

for (const size of [1, 2, 3, 5]) {
  threadsTest(2, `${size} ranks add up and hand out, whatever the lengths`, async () => {
    // None, fewer than ranks, arrays that begin and end within a share, and more than one piece or two.
    const shapes = [[], [0, 0], [1], [2, 1], [3, 0, 7, 1, 1, 8]];
    const long = [computeChunkLength(size) * size + 5, 3, computeChunkLength(size) + 1];
    const exchanges = [...shapes, long].flatMap((lengths) => [
      { call: "reduceScatter", lengths, times: 1 } as const,
      { call: "allGather", lengths, times: 1 } as const,
      { call: "allReduce", lengths, times: 2 } as const,
    ]);
    const results = await exchange(size, exchanges);
    for (const [e, { call, lengths, times }] of exchanges.entries()) {
      const before = results.map((_, rank) => flat(arraysOf(rank, lengths)));
      const total = before[0]!.length;
      const sums = before[0]!.map((_, i) => before.reduce((sum, one) => sum + one[i]!, 0));
      for (const [rank, result] of results.entries()) {
        const expected = [...before[rank]!];
        for (let owner = 0; owner < size; owner++) {
          const [start, end] = computeShare(total, owner, size);
          for (let i = start; i < end; i++) {
            if (call === "allGather") expected[i] = before[owner]![i]!;
            else if (call === "allReduce") expected[i] = sums[i]! * size ** (times - 1);
            else if (owner === rank) expected[i] = sums[i]!;
          }
        }
        assertNumbers(result[e]!, expected, `${call} of ${lengths} at rank ${rank}`);
      }
    }
  });
}

Deno.test("a single process keeps its numbers", () => {
  const { rank, size, ...calls } = singleProcess();
  const array = Float32Array.of(1, 2);
  for (const call of [calls.allReduce, calls.reduceScatter, calls.allGather]) call([array]);
  calls.abort("nobody hears it");
  assertEquals([rank, size, ...array], [0, 1, 1, 2]);
});

threadsTest(2, "the first failure is the one that all are told, from then on", () => {
  const memory = sharedMemory(3);
  const join = (rank: number) => sharedCommunicator(memory, rank);
  const [a, b, c] = [join(0), join(1), join(2)];
  // Longer than there is room for.
  b.abort(new RangeError("ä".repeat(2000)));
  a.abort("too late");
  for (const one of [a, b, c]) {
    for (const call of [one.allReduce, one.reduceScatter, one.allGather]) {
      const error = assertThrows(() => call([Float32Array.of(1)]), CommunicatorError);
      assertEquals([error.rank, error.reason], [1, "ä".repeat(512)]);
    }
  }
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

Deno.test("numbers are added with SIMD as one by one", () => {
  addByModule(PLAIN);
  for (const length of [0, 1, 7, 2048, 2049, 5000]) {
    const [to, from] = [numbers(length, 1), numbers(length, 2)];
    if (length > 2) [to[0], from[1], from[2]] = [NaN, Infinity, -Infinity];
    const expected = to.slice();
    addOneByOne(expected, from);
    addTo(to, from);
    assertEquals(to, expected);
  }
});
