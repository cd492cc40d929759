// Measures the exchange between ranks: what one number takes, and how fast many are taken from the others.
// By hand: mpirun -n 2 deno run -A tests/tasks/mpi/measure_exchange.ts --megabytes 40
// Between two hosts: sh tests/tasks/distributed/two_hosts.sh mpirun --bind-to none -n 2 deno run -A tests/tasks/mpi/measure_exchange.ts
import { openMpi } from "@rill/rill/mpi";
import { parseArgs } from "@std/cli";

const { megabytes, rounds } = parseArgs(Deno.args, { string: ["megabytes", "rounds"] });

/** How often each size is exchanged. */
const ROUNDS = Number(rounds ?? 20);
/** What a rank takes from all others together, at the most. */
const MOST = Number(megabytes ?? 40) * 1e6;

using mpi = openMpi();
const { communicator: { rank, size, ...communicator }, hosts, library } = mpi;
if (rank === 0) {
  console.log(`${size} ranks on ${new Set(hosts).size} hosts, ${library}, medians of ${ROUNDS}`);
  console.log("taken by each  allGather             exchange");
}
for (const bytes of [4 * (size - 1), 1e6, MOST]) {
  const length = Math.round(bytes / 4 / (size - 1));
  const create = () => [new Float32Array(length).fill(rank)];
  const [given, taken] = [create, create].map((make) => Array.from({ length: size }, make));
  const times = [
    () => communicator.allGather(given![rank]!, taken!),
    () => communicator.exchange(given!, taken!),
  ].map((call) => {
    const seconds = Array.from({ length: ROUNDS + 1 }, () => {
      const start = performance.now();
      call();
      return (performance.now() - start) / 1000;
    });
    // The first makes room.
    return seconds.slice(1).toSorted((a, b) => a - b)[ROUNDS >> 1]!;
  });
  if (rank !== 0) continue;
  const columns = times.map((seconds) => {
    const rate = `${(bytes / seconds / 1e9).toFixed(2)} GB/s`;
    return `${(1000 * seconds).toFixed(3)} ms ${bytes < 1e5 ? "" : rate}`.padEnd(22);
  });
  console.log([`${(bytes / 1e6).toFixed(6)} MB`.padEnd(15), ...columns].join("").trimEnd());
}
