// Trains a network with several numbers of ranks and threads, and compares what is saved, byte by byte, the losses of all steps, and
// their times.
// By hand: deno run -A tests/tasks/distributed/compare_ranks.ts --model alexnet --side 67 --batch-size 128
// With --weak each thread of each rank has a batch of that size, so that these are other trainings, whose times alone are compared.
import { parseArgs } from "@std/cli";
import { startRun } from "../_kill/small_run.ts";
import { startRanks } from "./_train_ranks.ts";

/** How many ranks, and threads of each. */
type Shape = readonly [ranks: number, threads: number];

/** Without a rank it is a run as usual. */
const SHAPES: readonly Shape[] = [[0, 1], [0, 2], [1, 2], [2, 1], [2, 2], [4, 1], [4, 2]];

const given = parseArgs(Deno.args, {
  boolean: ["weak"],
  string: ["model", "side", "batch-size", "channels", "steps", "optimizer", "shapes"],
});
const read = (name: string, usual: string) => String(given[name] ?? usual);
const [batchSize, steps] = [read("batch-size", "128"), read("steps", "20")];
// `0x2,2x1`: no rank with two threads, two ranks with one.
const shapes = given["shapes"] === undefined
  ? SHAPES
  : read("shapes", "").split(",").map((shape): Shape => {
    const [ranks = 0, threads = 1] = shape.split("x").map(Number);
    return [ranks, threads];
  });
const dir = await Deno.makeTempDir({ prefix: "rill-ranks-" });
const expected = new Map<string, string>();
let differ = 0;
let firstLosses: string | undefined;
console.log(
  "ranks  threads  batch  step s  images/s  exchange s  losses                     bytes",
);
for (const [ranks, threads] of shapes) {
  const batch = Number(batchSize) * (given.weak ? Math.max(ranks, 1) * threads : 1);
  const out = `${dir}/${ranks} x ${threads}`;
  const args = [
    ...["--model", read("model", "alexnet"), "--side", read("side", "67")],
    ...["--batch-size", String(batch), "--channels", read("channels", "1")],
    ...["--images", String(batch * Number(steps)), "--test-images", "16"],
    ...["--optimizer", read("optimizer", "adam"), "--epochs", "2", "--steps", steps],
    ...["--threads", String(threads)],
    ...["--backend", "wasm", "--log-every", "1", "--quiet", "--out", out],
  ];
  const run = ranks === 0
    ? await startRun(args)
    : await startRanks([{ ranks, args }], `${out}.note`);
  const { code, stderr } = await run.ended;
  if (code !== 0) throw new Error(`${ranks} x ${threads}: ${stderr}`);
  const lines = (await Deno.readTextFile(`${out}/log.jsonl`)).trimEnd().split("\n")
    .map((line) => JSON.parse(line)).filter(({ event }) => event === "step");
  // The first step compiles and draws.
  const times = lines.slice(1).map(({ seconds }, i) => seconds - lines[i].seconds);
  const exchanged = lines.slice(1).flatMap(({ busy }, i) => busy ? [times[i]! - busy.max] : []);
  let same = given.weak ? "" : "the same";
  for await (const { name } of Deno.readDir(out)) {
    if (given.weak || !name.endsWith(".safetensors")) continue;
    const hash = await hashTensors(`${out}/${name}`);
    const first = expected.get(name);
    expected.set(name, first ?? hash);
    if (first === undefined) same = "the first";
    else if (first !== hash) {
      same = `${name} differs`;
      differ++;
    }
  }
  const losses = lines.map(({ loss }) => loss);
  firstLosses ??= String(losses);
  const curve = `${losses[0].toFixed(4)} to ${losses.at(-1).toFixed(4)}` +
    (given.weak ? "" : String(losses) === firstLosses ? " the same" : " others");
  const [median, exchange] = [times, exchanged].map(getMedian);
  console.log(
    [
      String(ranks || "none").padEnd(5),
      String(threads).padEnd(7),
      String(batch).padEnd(5),
      median!.toFixed(3).padEnd(6),
      (batch / median!).toFixed(0).padEnd(8),
      (exchanged.length ? exchange!.toFixed(3) : "").padEnd(10),
      curve.padEnd(25),
      same,
    ].join("  ").trimEnd(),
  );
  await Deno.remove(out, { recursive: true });
}
await Deno.remove(dir, { recursive: true });
Deno.exit(differ > 0 ? 1 : 0);

function getMedian(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

/** Hashes the tensors of a file: behind its header, which names the threads. */
async function hashTensors(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const hash = await crypto.subtle.digest("SHA-256", bytes.subarray(8 + header));
  return new Uint8Array(hash).toHex();
}
