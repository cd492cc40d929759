import { assertEquals, assertThrows } from "@std/assert";
import {
  type Communicator,
  CommunicatorError,
  nestedCommunicator,
  sharedCommunicator,
  sharedMemory,
  singleProcess,
} from "@rill/rill/models";
import { computeChunkLength } from "../../../models/parallel/_shared_layout.ts";
import { threadsTest } from "../_threads.ts";
import { checkFailure, fail, FAILING } from "./_communicator.ts";
import type { CommunicatorJob } from "./_communicator_worker.ts";

/** Has the ranks of groups of so many check what every communicator does, and gives their answers. */
async function check(groups: number, size: number): Promise<unknown[]> {
  const memory = sharedMemory(groups);
  const piece = computeChunkLength(size);
  const jobs = Array.from({ length: groups }, (_, group) => {
    const own = sharedMemory(size);
    return Array.from({ length: size }, (_, rank): CommunicatorJob => ({
      memory: own,
      rank,
      piece,
      ...groups > 1 && { groups: { memory, rank: group, size: groups } },
    }));
  }).flat();
  const workers = jobs.map(() =>
    new Worker(new URL("_communicator_worker.ts", import.meta.url), { type: "module" })
  );
  try {
    return await Promise.all(
      workers.map((worker, i) =>
        new Promise<unknown>((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = (event) => {
            event.preventDefault();
            reject(new Error(event.message));
          };
          worker.postMessage(jobs[i]!);
        })
      ),
    );
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

for (const [groups, each] of [[1, 1], [1, 2], [1, 3], [1, 5], [2, 1], [2, 2], [3, 2]] as const) {
  const what = `${groups > 1 ? `${groups} groups of ` : ""}${each} ranks`;
  threadsTest(2, `${what} exchange numbers, whatever the lengths and memories`, async () => {
    const ranks = Array.from({ length: groups * each }, (_, rank) => ({ rank }));
    assertEquals(await check(groups, each), ranks);
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

threadsTest(2, "a failure is told in all groups, by the rank's number among all", () => {
  const memory = sharedMemory(2);
  const groups = [0, 1].map((group) => {
    const own = sharedMemory(2);
    return [0, 1].map((rank) =>
      nestedCommunicator(
        sharedCommunicator(own, rank),
        rank === 0 ? sharedCommunicator(memory, group) : { rank: group, size: 2 },
      )
    );
  });
  const [[a, b], [c, d]] = groups as [[Communicator, Communicator], [Communicator, Communicator]];
  assertEquals([a, b, c, d].map(({ rank }) => rank), [0, 1, 2, 3]);
  const hear = (one: Communicator) => {
    const error = assertThrows(() => one.allGather([], [[], [], [], []]), CommunicatorError);
    one.abort(error);
    return [error.rank, error.reason];
  };
  d.abort(new RangeError("no luck"));
  // Its own group by the thread, and the other one by its first rank, which tells the rest.
  assertEquals([hear(c), hear(d)], [[3, "no luck"], [3, "no luck"]]);
  const none = sharedCommunicator(memory, 0);
  assertThrows(() => none.allGather([], [[], []]), CommunicatorError, "rank 1 failed: no luck");
  a.abort(assertThrows(() => none.allGather([], [[], []]), CommunicatorError));
  assertEquals(hear(b), [0, "no luck"]);
  assertThrows(
    () => nestedCommunicator(sharedCommunicator(sharedMemory(2), 0), { rank: 1, size: 2 }),
    TypeError,
    "the first rank of each must exchange numbers",
  );
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
