// Computes on paper what a step of many ranks takes: what is exchanged is counted by the functions that share a batch and its
// parameters, and times follow from what was measured of one rank and of a network.
// By hand: deno run -A tests/tasks/distributed/model_step.ts --threads 2 --fixed 0.1 --image 0.004 --bandwidth 1.25 --latency 0.00002
import { build, getOrThrow, type Network } from "@rill/rill/models";
import { parseArgs } from "@std/cli";
import { shareWholeBatch } from "../../../models/parallel/_shared_batch.ts";
import { type NetworkName, networks } from "../../../tasks/_model/networks.ts";
import { computePiece } from "../../../tasks/mpi/_mpi_communicator.ts";
import {
  addUpExchanged,
  countExchanged,
  type Exchanged,
} from "../../models/parallel/_count_exchanged.ts";

const given = parseArgs(Deno.args, {
  boolean: ["weak"],
  string: ["model", "side", "channels", "batch-size", "threads", "ranks"]
    .concat("fixed", "image", "bandwidth", "latency"),
});
const read = (name: string, usual: number) => Number(given[name] ?? usual);

/** Counts what a process takes of others in a step, in bytes: that one which takes most. */
function countBytes(network: Network, whole: number, ranks: number): Exchanged {
  const { gradients, operands, parameters, rest } = countExchanged(network, whole, ranks)
    .reduce((most, one) => addUpExchanged(one) > addUpExchanged(most) ? one : most);
  const [a, b, c, d] = [gradients, operands, parameters, rest].map((count) => 4 * count);
  return { gradients: a!, operands: b!, parameters: c!, rest: d! };
}

/** Computes a table's line: a step of so many ranks on a batch, against one on as many images for each as it alone has. */
function describeStep(ranks: number, whole: number): string {
  const { shares } = shareWholeBatch(whole, { size: ranks * threads });
  const images = Math.max(...shares.map(({ examples: [first, end] }) => end - first)) * threads;
  const bytes = countBytes(network, whole, ranks);
  const each = addUpExchanged(bytes) / 4 / Math.max(ranks - 1, 1);
  const rounds = 2 * Math.ceil(each / computePiece(ranks));
  const computing = fixed + image * images;
  const exchanging = addUpExchanged(bytes) / bandwidth + latency * rounds * (ranks - 1);
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
