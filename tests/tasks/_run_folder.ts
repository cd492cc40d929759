import {
  type Checkpoint,
  type CopiedCheckpoint,
  decodeSafetensors,
  getOrThrow,
} from "../../models/mod.ts";
import { presets } from "../../tasks/_train/settings/presets.ts";
import type { RunConfig } from "../../tasks/_train/run_config.ts";
import { toRuntime } from "../../tasks/_train/runtime.ts";
import { toModelConfig } from "../../tasks/_train/settings/train_settings.ts";

/** Reads a safetensors file. */
export async function readTensors(path: string): Promise<Checkpoint> {
  return getOrThrow(decodeSafetensors(await Deno.readFile(path)));
}

/** Reads the parameters that a run saved last. */
export async function readNewest(dir: string): Promise<Checkpoint> {
  const { generations } = JSON.parse(await Deno.readTextFile(`${dir}/last.json`));
  return await readTensors(`${dir}/step-${generations.at(-1).step}.safetensors`);
}

/** Lists the names in a folder, in order. */
export const namesIn = async (dir: string): Promise<string[]> =>
  (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();

/** Reads all files of a folder, but some. */
export async function readFolder(
  dir: string,
  without: readonly string[] = ["lock"],
): Promise<Record<string, string>> {
  const names = (await namesIn(dir)).filter((name) => !without.includes(name));
  const texts = names.map(async (name) => [name, (await Deno.readFile(`${dir}/${name}`)).toHex()]);
  return Object.fromEntries(await Promise.all(texts));
}

/** The configuration of a run of the preset for machines without a GPU, on two classes. */
export const createConfig = (): RunConfig => ({
  version: 3,
  model: toModelConfig(presets.quick, { classNames: ["a", "b"] }),
  settings: presets.quick,
  data: { images: 1, labels: "0" },
  runtime: toRuntime({}, { name: "wasm" }, { threads: 1, tuning: undefined }),
});

/** A checkpoint of a layer of 3 features and 2 units after so many steps, whose last epoch had that accuracy. */
export function checkpointAt(
  step: number,
  { best, accuracy = step / 10 }: { readonly best: boolean; readonly accuracy?: number },
): CopiedCheckpoint {
  const means = { loss: 1, accuracy };
  const fill = (shape: number[]) => ({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(step),
  });
  const layer = (prefix: string) => ({
    [`${prefix}weight`]: fill([2, 3]),
    [`${prefix}bias`]: fill([2]),
  });
  return {
    reason: "epoch",
    permanent: true,
    best,
    training: {
      params: layer(""),
      optimizer: { ...layer("m/"), ...layer("v/") },
      position: {
        ...{ epoch: 1, index: 0, step, updates: step, seed: 0 },
        sums: { steps: 0, examples: 0, metrics: {} },
        history: [{ epoch: 0, step, training: means, validation: means }],
      },
    },
  };
}

/** Lists the files of a generation and the pointer to it. */
export const filesOf = (step: number): string[] => [
  "last.json",
  `step-${step}.optimizer.safetensors`,
  `step-${step}.safetensors`,
];
