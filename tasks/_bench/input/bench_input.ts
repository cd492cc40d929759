import * as tf from "@tensorflow/tfjs-core";
import { pipe } from "fp-ts/lib/function.js";
import { openBackend } from "../../../models/mod.ts";
import { type Batch, readIndexed, recycle } from "../../../pipelines/mod.ts";
import { attempt } from "../../_cli/errors.ts";
import { booleanFlag, choiceFlag, integerFlag } from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { type InputPlan, planInput } from "../../_model/input_plan.ts";
import { formatTable } from "../../_text/format.ts";
import { STORED_SIDE } from "../pipelines/contestant.ts";
import { makeRandomImages, readStoredImages } from "../pipelines/stored_images.ts";
import { median } from "../shared/statistics.ts";

/** `deno task bench input`. */
export const benchInput = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench input",
    about:
      "Measures how images get to a WebGPU device, from stored examples to the network's input there: by stages as floats, and " +
      "as bytes of which the device makes the input. In turn, or one of the two alone so as to see its memory.",
    flags: {
      way: choiceFlag(["both", ...WAYS], { help: "What to measure", shownDefault: "both" }),
      batchSize: integerFlag({
        least: 1,
        most: 65536,
        help: "Images in a batch",
        shownDefault: "128",
      }),
      side: integerFlag({
        least: 1,
        most: 4096,
        help: "Side of the network's input, in pixels",
        shownDefault: "224",
      }),
      batches: integerFlag({ least: 1, help: "Batches in a run", shownDefault: "8" }),
      rounds: integerFlag({
        least: 1,
        help: "How often to measure everything, in turn",
        shownDefault: "5",
      }),
      json: booleanFlag({ help: "Print one JSON object" }),
    },
  }, ({ way = "both", batchSize = 128, side = 224, batches = 8, rounds = 5, json }) =>
    attempt(async () => {
      const ways = way === "both" ? WAYS : [way];
      const report = await measureInput(ways, { batchSize, side, batches, rounds });
      console.log(json ? JSON.stringify(report) : formatInput(report));
    }), args);

const WAYS = ["stages", "device"] as const;
type Way = typeof WAYS[number];

interface InputLoad {
  readonly batchSize: number;
  readonly side: number;
  readonly batches: number;
  readonly rounds: number;
}

/** The report of `deno task bench input`, as `--json` prints it. */
export interface InputReport extends InputLoad {
  readonly about: string;
  readonly ways: readonly WayFigures[];
  /** Resident memory before everything, and the most after a batch, in bytes. */
  readonly memory: { readonly before: number; readonly most: number };
}

/** The times of one way: those of the middle one of the rounds. */
export interface WayFigures {
  readonly way: Way;
  /** Seconds a batch. */
  readonly seconds: number;
  /** Seconds of them on the main thread. */
  readonly own: number;
}

async function measureInput(
  ways: readonly Way[],
  load: InputLoad,
): Promise<InputReport> {
  const { batchSize, side, batches, rounds } = load;
  const backend = await openBackend("webgpu");
  const examples = readStoredImages(makeRandomImages(batchSize * batches));
  const runs = ways.map((way) => ({ way, seconds: [] as number[], own: [] as number[] }));
  const before = Deno.memoryUsage().rss;
  let most = before;
  for (let round = 0; round <= rounds; round++) {
    for (const { way, seconds, own } of runs) {
      const plan = planInput({ name: way === "device" ? "webgpu" : "wasm" }, {
        side,
        mean: 0,
        std: 1,
      });
      const start = performance.now();
      let waited = 0;
      for await (const batch of pipe(examples, readIndexed(), plan.batches(batchSize))) {
        const tensor = uploadInput(batch, side, plan);
        recycle(batch);
        tensor.dispose();
        const given = performance.now();
        await backend.sync();
        waited += performance.now() - given;
        most = Math.max(most, Deno.memoryUsage().rss);
      }
      // The first round compiles.
      if (round === 0) continue;
      const all = performance.now() - start;
      seconds.push(all / 1000 / batches);
      own.push((all - waited) / 1000 / batches);
    }
  }
  return {
    ...load,
    about: backend.description,
    ways: runs.map(({ way, seconds, own }) => ({
      way,
      seconds: median(seconds),
      own: median(own),
    })),
    memory: { before, most },
  };
}

/** Makes a batch's input on the device. */
function uploadInput(batch: Batch, side: number, { stepOptions: { input } }: InputPlan) {
  const { images } = batch;
  const tensor = input
    ? input(batch, [side, side, 1])
    : tf.tensor(images.data as Float32Array, [...images.shape]);
  const gpu = tf.backend() as unknown as { uploadToGPU(dataId: object): void };
  gpu.uploadToGPU((tensor as unknown as tf.Tensor).dataId);
  return tensor;
}

/** Shows how fast images get to the device as a table. */
export function formatInput({ about, batchSize, side, ways, memory, rounds }: InputReport): string {
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  return [
    `${about}; medians of ${rounds} ${rounds === 1 ? "round" : "rounds"} in turn`,
    "",
    ...formatTable([
      [
        `${batchSize} images of ${STORED_SIDE} × ${STORED_SIDE} to ${side} × ${side}`,
        "ms a batch",
        "of it on the main thread",
      ],
      ...ways.map(({ way, seconds, own }) => [
        way,
        ...[seconds, own].map((value) => (value * 1000).toFixed(1)),
      ]),
    ], { right: [1, 2] }),
    "",
    `resident memory: ${megabytes(memory.before)} MB before, ${megabytes(memory.most)} MB at most`,
  ].join("\n");
}
