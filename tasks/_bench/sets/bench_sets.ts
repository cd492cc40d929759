import * as tf from "@tensorflow/tfjs-core";
import * as E from "fp-ts/lib/Either.js";
import { openBackend } from "../../../models/mod.ts";
import type { GpuBackend } from "../../../models/kernels/webgpu/device/_gpu_backend.ts";
import { matmul } from "../../../models/kernels/webgpu/gemm/_matmul.ts";
import {
  getTuning,
  type TunedSet,
  useTuning,
} from "../../../models/kernels/webgpu/gemm/_tuning.ts";
import { attempt } from "../../_cli/errors.ts";
import { booleanFlag, type Flag, integerFlag } from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { formatTable } from "../../_text/format.ts";
import { formatDecimals } from "../shared/report.ts";
import { median, medianRatio } from "../shared/statistics.ts";

/** The rows and columns of a result that a thread computes. */
type Block = readonly [rows: number, columns: number];

const blocks: Flag<readonly Block[]> = {
  kind: "value",
  placeholder: "ROWSxCOLUMNS,…",
  help: "The blocks of a result that a thread computes in the sets to measure",
  shownDefault: "8x8,8x32,16x32,32x16",
  read(text) {
    const value = text.split(",").map((block) => /^([1-9]\d*)x([1-9]\d*)$/.exec(block));
    return value.every((match) => match !== null)
      ? E.right(value.map(([, rows, columns]) => [Number(rows), Number(columns)] as const))
      : E.left("blocks such as 16x32,32x16");
  },
};

/** `deno task bench sets`. */
export const benchSets = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench sets",
    about:
      "Measures sets of parameters for the WebGPU programs of dense layers, in turn with those that are taken as a rule, on an " +
      "adapter with subgroups: milliseconds, and how many times as fast as the usual, in the middle one of the rounds.",
    flags: {
      blocks,
      batchSize: integerFlag({
        least: 1,
        most: 65536,
        help: "Images in a batch",
        shownDefault: "8",
      }),
      rounds: integerFlag({
        least: 1,
        help: "How often to measure everything, in turn",
        shownDefault: "8",
      }),
      json: booleanFlag({ help: "Print one JSON object" }),
    },
  }, ({ blocks = DEFAULT_BLOCKS, batchSize = 8, rounds = 8, json }) =>
    attempt(async () => {
      const report = await measureSets(blocks, { batchSize, rounds });
      console.log(json ? JSON.stringify(report) : formatSets(report));
    }), args);

const DEFAULT_BLOCKS: readonly Block[] = [[8, 8], [8, 32], [16, 32], [32, 16]];

/** The report of `deno task bench sets`, as `--json` prints it. */
export interface SetsReport {
  readonly about: string;
  readonly batchSize: number;
  readonly rounds: number;
  readonly products: readonly { readonly name: string; readonly sets: readonly SetFigures[] }[];
}

/** The speed of a product with a set. */
export interface SetFigures {
  readonly set: string;
  /** The middle one of the rounds. */
  readonly seconds: number;
  /** The speed as a multiple of that of the usual set, in the middle one of the rounds. */
  readonly ratio: number;
}

/** Inputs and outputs of the dense layers that are measured: AlexNet's first two, at 224 × 224. */
const LAYERS = [[6400, 4096], [4096, 4096]] as const;

async function measureSets(
  blocks: readonly Block[],
  { batchSize, rounds }: { readonly batchSize: number; readonly rounds: number },
): Promise<SetsReport> {
  const backend = await openBackend("webgpu");
  const gpu = tf.backend() as unknown as GpuBackend;
  const usual = getTuning(gpu);
  if (usual.subgroups === undefined) {
    throw new Error(`Cannot measure sets on ${backend.description}: it has no subgroups to use`);
  }
  const sets: { readonly name: string; readonly set: TunedSet | undefined }[] = [
    { name: "as a rule", set: undefined },
    ...blocks.map((block) => ({
      name: block.join(" × "),
      set: createSubgroupSet(block, usual.groups),
    })),
  ];
  const products: SetsReport["products"][number][] = [];
  for (const [inputs, outputs] of LAYERS) {
    const x = tf.randomUniform([batchSize, inputs]);
    const weight = tf.randomUniform([inputs, outputs]);
    const dy = tf.randomUniform([batchSize, outputs]);
    for (
      const [what, a, b, transposeA, transposeB] of [
        ["forward", x, weight, false, false],
        ["input gradient", dy, weight, false, true],
        ["weight gradient", x, dy, true, false],
      ] as const
    ) {
      const times = sets.map(() => [] as number[]);
      for (let round = 0; round <= rounds; round++) {
        for (const [i, { set }] of sets.entries()) {
          useTuning(gpu.device, { ...usual, tuned: { get: () => set } });
          const start = performance.now();
          const result = matmul(gpu, a, b, transposeA, transposeB);
          if (!result) throw new Error(`Cannot measure sets: there is no program for ${what}`);
          gpu.disposeData(result.dataId);
          await backend.sync();
          // The first round compiles.
          if (round > 0) times[i]!.push((performance.now() - start) / 1000);
        }
      }
      products.push({
        name: `${inputs} × ${outputs} ${what}`,
        sets: sets.map(({ name }, i) => ({
          set: name,
          seconds: median(times[i]!),
          ratio: medianRatio(times[0]!, times[i]!),
        })),
      });
    }
    tf.dispose([x, weight, dy]);
  }
  return { about: backend.description, batchSize, rounds, products };
}

const createSubgroupSet = (block: Block, groups: number): TunedSet => ({
  parameters: {
    threads: [1, 8],
    block: [...block],
    depth: 1,
    operands: "subgroup",
    vector: 1,
    speed: 1,
  },
  groups,
});

/** Shows how fast sets are as a table. */
export function formatSets({ about, batchSize, rounds, products }: SetsReport): string {
  return [
    `${about}; batches of ${batchSize}; medians of ${rounds} ${
      rounds === 1 ? "round" : "rounds"
    } in turn`,
    "",
    ...formatTable([
      ["product", "set", "ms", "times as fast"],
      ...products.flatMap(({ name, sets }) =>
        sets.map(({ set, seconds, ratio }, i) => [
          i === 0 ? name : "",
          set,
          formatDecimals(seconds * 1000),
          ratio.toFixed(2),
        ])
      ),
    ], { right: [2, 3] }),
  ].join("\n");
}
