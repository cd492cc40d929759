// Computes on paper what a step of many ranks takes: what is exchanged is counted by the functions that share a batch and its
// parameters, and times follow from what was measured of one rank and of a network.
// By hand: deno run -A tests/tasks/distributed/model_step.ts --threads 2 --fixed 0.1 --image 0.004 --bandwidth 1.25 --latency 0.00002
import { build, getOrThrow, type Network } from "@rill/rill/models";
import { parseArgs } from "@std/cli";
import { listParts } from "../../../models/parallel/_parts.ts";
import { shareWholeBatch } from "../../../models/parallel/_shared_batch.ts";
import { type NetworkName, networks } from "../../../tasks/_model/networks.ts";
import { computePiece } from "../../../tasks/mpi/_mpi_communicator.ts";

const given = parseArgs(Deno.args, {
  boolean: ["weak"],
  string: ["model", "side", "channels", "batch-size", "threads", "ranks"]
    .concat("fixed", "image", "bandwidth", "latency"),
});
const read = (name: string, usual: number) => Number(given[name] ?? usual);

/** What is exchanged in a step, in bytes that the rank which takes most takes. */
interface Exchanged {
  readonly gradients: number;
  readonly operands: number;
  readonly parameters: number;
}

/** Counts what a process takes of others in a step. */
function countBytes({ parameters }: Network, whole: number, ranks: number): Exchanged {
  const { groups } = shareWholeBatch(whole, { size: ranks });
  const counts = Array.from({ length: ranks }, (_, rank) => {
    const owned = new Map(
      listParts({ parameters }, { rank, size: ranks }).map((part) => [part.name, part]),
    );
    const nodes = groups.reduce((sum, of, r) => sum + (r === rank ? 0 : of.length), 0);
    let [gradients, operands, own, all] = [0, 0, 0, 0];
    for (const { name, shape, order } of parameters) {
      const { start = 0, end = 0 } = owned.get(name) ?? {};
      const numbers = shape.reduce((product, length) => product * length, 1);
      const columns = order.length === 2 ? shape[order[1]!]! : 0;
      const inner = columns > 0 ? numbers / columns : 0;
      own += end - start;
      all += numbers;
      if (order.length === 2 && whole * (inner + columns) < numbers) {
        operands += whole * (ranks - 1) / ranks * ((end - start) / columns + columns);
      } else gradients += (end - start) * nodes;
    }
    return { gradients: 4 * gradients, operands: 4 * operands, parameters: 4 * (all - own) };
  });
  return counts.reduce((most, one) => total(one) > total(most) ? one : most);
}

const total = ({ gradients, operands, parameters }: Exchanged) => gradients + operands + parameters;

/** Computes a table's line: a step of so many ranks on a batch, against one on as many images for each as it alone has. */
function describeStep(ranks: number, whole: number): string {
  const { shares } = shareWholeBatch(whole, { size: ranks * threads });
  const images = Math.max(...shares.map(({ examples: [first, end] }) => end - first)) * threads;
  const bytes = countBytes(network, whole, ranks);
  const each = total(bytes) / 4 / Math.max(ranks - 1, 1);
  const rounds = 2 * Math.ceil(each / computePiece(ranks));
  const computing = fixed + image * images;
  const exchanging = total(bytes) / bandwidth + latency * rounds * (ranks - 1);
  const rate = whole / (computing + exchanging);
  const one = fixed + image * (isWeak ? whole / ranks : whole);
  return [
    String(ranks),
    String(whole),
    String(shares.filter(({ examples: [first, end] }) => end > first).length),
    computing.toFixed(3),
    ...[bytes.gradients, bytes.operands, bytes.parameters].map((n) => (n / 1e6).toFixed(1)),
    exchanging.toFixed(3),
    rate.toFixed(0),
    (rate / ((isWeak ? whole / ranks : whole) / one * ranks)).toFixed(2),
  ].map((column, i) => column.padEnd(HEAD[i]!.length)).join("  ");
}

const HEAD = ["ranks", "batch ", "busy threads", "computing s"]
  .concat("gradients MB", "operands MB", "parameters MB")
  .concat("exchange s", "images/s", "efficiency");

const { describe } = networks[String(given["model"] ?? "alexnet") as NetworkName];
const [side, channels, threads] = [read("side", 67), read("channels", 1), read("threads", 2)];
const network = getOrThrow(
  build(describe({ channels, classes: 10 }), [side, side, channels]),
);
const [fixed, image] = [read("fixed", 0), read("image", 0)];
const [bandwidth, latency] = [read("bandwidth", 1.25) * 1e9, read("latency", 2e-5)];
const isWeak = given.weak;
const batch = read("batch-size", 128);
console.log(HEAD.join("  "));
for (const ranks of String(given["ranks"] ?? "1,2,4,8,64,256,1024").split(",").map(Number)) {
  console.log(describeStep(ranks, isWeak ? batch * ranks : batch));
}
