import { assertEquals, assertThrows } from "@std/assert";
import {
  CommunicatorError,
  sharedCommunicator,
  sharedMemory,
  singleProcess,
} from "@rill/rill/models";
import { computeChunkLength } from "../../../models/parallel/_shared_layout.ts";
import { type Exchange, givenBy, lengthsFor } from "./_communicator.ts";
import { threadsTest } from "../_threads.ts";

/** Runs so many ranks, and gives what each has taken of each in the exchanges. */
async function exchange(
  size: number,
  exchanges: readonly Exchange[],
): Promise<Float32Array[][][][]> {
  const memory = sharedMemory(size);
  const workers = Array.from(
    { length: size },
    () => new Worker(new URL("_communicator_worker.ts", import.meta.url), { type: "module" }),
  );
  try {
    return await Promise.all(
      workers.map((worker, rank) =>
        new Promise<Float32Array[][][]>((resolve, reject) => {
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

/** Compares arrays, whose elements need not be told one by one. */
function assertNumbers(
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
  what: string,
) {
  assertEquals(actual.map(({ length }) => length), expected.map(({ length }) => length), what);
  for (const [a, array] of expected.entries()) {
    const at = array.findIndex((value, i) => value !== actual[a]![i]);
    assertEquals([at, actual[a]![at]], [-1, undefined], `${what}: array ${a}`);
  }
}

for (const size of [1, 2, 3, 5]) {
  threadsTest(2, `${size} ranks exchange numbers, whatever the lengths`, async () => {
    // None, of some ranks alone, several arrays, and more than one piece or two.
    const chunk = computeChunkLength(size);
    const shapes = [[[]], [[0, 0]], [[1], [], [0]], [[2, 1], [3, 0, 7, 1, 1, 8], []]];
    const all = [...shapes, [[chunk * size + 5, 3, chunk + 1], [1]], [[2 * chunk], [chunk]]];
    const exchanges = all.flatMap((shapes) => {
      const lengths = Array.from({ length: size }, (_, rank) => shapes[rank % shapes.length]!);
      return [{ call: "allGather", lengths }, { call: "exchange", lengths }] as const;
    });
    const results = await exchange(size, exchanges);
    for (const [rank, result] of results.entries()) {
      for (const [e, { call, lengths }] of exchanges.entries()) {
        for (const [from, own] of lengths.entries()) {
          const expected = call === "allGather"
            ? givenBy(from, 0, own)
            : givenBy(from, rank, lengthsFor(own, from, rank));
          // What is there for the rank itself is left alone.
          if (from === rank) { for (const array of expected) array.fill(0); }
          assertNumbers(result[e]![from]!, expected, `${call} ${e} from ${from} to ${rank}`);
        }
      }
    }
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
  const join = (rank: number) => sharedCommunicator(memory, rank);
  const [a, b, c] = [join(0), join(1), join(2)];
  // Longer than there is room for.
  b.abort(new RangeError("ä".repeat(2000)));
  a.abort("too late");
  for (const one of [a, b, c]) {
    const none = [[], [], []];
    for (const call of [() => one.allGather([], none), () => one.exchange(none, none)]) {
      assertThrows(call, CommunicatorError);
    }
    for (
      const call of [
        () => one.allGather([Float32Array.of(1)], none),
        () => one.exchange([[Float32Array.of(1)], [], []], none),
      ]
    ) {
      const error = assertThrows(call, CommunicatorError);
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
