// Trains a small network for long and tells whether memory, handles or speed change on the way:
// `deno run --allow-all tests/_soak/soak.ts --steps 20000 --epochs 100`. It fails where one does.

import { parseArgs } from "@std/cli";
import { encodeIdx } from "../pipelines/_helpers.ts";
import { root } from "../tasks/_task.ts";
import { listSeries, parseSamples, type Sample } from "./samples.ts";
import { createRandom, findTrend } from "./trend.ts";

/** The command line. */
interface SoakFlags {
  readonly steps: string;
  readonly epochs: string;
  readonly threads: string;
  readonly backend: string;
  readonly workers: string;
  readonly "save-every"?: string;
  /** A folder to keep the samples in. */
  readonly samples?: string;
  /** Whether memory and files are kept on purpose. */
  readonly leak: boolean;
}

const flags = parseArgs(Deno.args, {
  string: ["steps", "epochs", "threads", "backend", "workers", "save-every", "samples"],
  boolean: ["leak"],
  default: { steps: "20000", epochs: "100", threads: "1,2", backend: "wasm", workers: "1" },
}) as unknown as SoakFlags;
const steps = Number(flags.steps);
const epochs = Number(flags.epochs);
const BATCH = 32;
const TEST_IMAGES = 320;

const folder = await Deno.makeTempDir({ prefix: "rill-soak-" });
const rows: string[][] = [];
let isBad = false;
try {
  await writeData(`${folder}/data`, Math.ceil(steps / epochs) * BATCH);
  for (const threads of flags.backend === "webgpu" ? ["1"] : flags.threads.split(",")) {
    const samples = await train(threads);
    const half = samples.slice(samples.findIndex(({ step }) => step >= steps / 2));
    for (const series of listSeries(half)) {
      const trend = findTrend(series);
      isBad ||= trend.isBad;
      const show = (value: number) => formatNumber(value, series.unit);
      rows.push([
        flags.backend === "wasm"
          ? `WASM, ${threads} thread${threads === "1" ? "" : "s"}`
          : "WebGPU",
        series.name,
        show(trend.median),
        show(trend.change),
        `${show(trend.bounds[0])} to ${show(trend.bounds[1])}`,
        Number.isFinite(trend.allowed) ? show(trend.allowed) : "any",
        trend.isBad ? `**${series.bad}**` : "flat",
      ]);
    }
    const { seconds = 0 } = samples.at(-1) ?? {};
    console.log(`${flags.backend}, threads ${threads}: ${steps} steps, ${Math.round(seconds)} s`);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
const head = ["run", "what", "median", "change", "95 %", "allowed", "verdict"];
for (const row of [head, head.map(() => "---"), ...rows]) console.log(`| ${row.join(" | ")} |`);
Deno.exit(isBad ? 1 : 0);

/** Writes pictures of noise with a bright bar, by whose place the class can be told. */
async function writeData(dir: string, images: number): Promise<void> {
  await Deno.mkdir(dir);
  const random = createRandom(7);
  for (const [name, count] of [["train", images], ["t10k", TEST_IMAGES]] as const) {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    const pixels = new Uint8Array(count * 784);
    for (let i = 0; i < pixels.length; i++) {
      const isBar = Math.floor(i % 784 / 28 / 2.8) === labels[Math.floor(i / 784)];
      pixels[i] = (isBar ? 128 : 0) + 100 * random();
    }
    await Deno.writeFile(
      `${dir}/${name}-images-idx3-ubyte`,
      encodeIdx({ type: "uint8", shape: [count, 28, 28], data: pixels }),
    );
    await Deno.writeFile(
      `${dir}/${name}-labels-idx1-ubyte`,
      encodeIdx({ type: "uint8", shape: [count], data: labels }),
    );
  }
}

/** Trains in a process of its own, with all that a run does: input workers, evaluation after each epoch, saving, a log. */
async function train(threads: string): Promise<readonly Sample[]> {
  const run = `${folder}/${threads}`;
  const path = `${run}.samples`;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--no-check",
      `--config=${root}deno.json`,
      new URL("sampled_train.ts", import.meta.url).href,
      ...["--preset", "lenet", "--data", `idx:${folder}/data`, "--augment", "flip"],
      ...["--batch-size", `${BATCH}`, "--epochs", `${epochs}`, "--steps", `${steps}`],
      ...["--images", `${Math.ceil(steps / epochs) * BATCH}`, "--test-images", `${TEST_IMAGES}`],
      ...["--backend", flags.backend, "--workers", flags.workers, "--out", run],
      ...flags.backend === "wasm" ? ["--threads", threads] : [],
      ...flags["save-every"] ? ["--save-every", flags["save-every"]] : [],
      ...["--log", `${run}.jsonl`, "--log-every", "5", "--quiet"],
    ],
    env: {
      RILL_SOAK_SAMPLES: path,
      NO_COLOR: "1",
      ...flags.leak && { RILL_SOAK_LEAK: "1" },
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) {
    throw new Error(`the training failed with code ${code}: ${new TextDecoder().decode(stderr)}`);
  }
  if (flags.samples) {
    await Deno.copyFile(path, `${flags.samples}/${flags.backend}-${threads}.jsonl`);
  }
  return parseSamples(await Deno.readTextFile(path));
}

function formatNumber(value: number, unit: string): string {
  if (unit === "MB") return `${(value / 1e6).toFixed(1)} MB`;
  return `${Number(value.toFixed(1))}${unit && ` ${unit}`}`;
}
