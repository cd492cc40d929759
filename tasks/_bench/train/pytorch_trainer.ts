import type { Absentee } from "../shared/absentee.ts";
import { startPython, type Variables } from "../shared/start_python.ts";
import type { TrainContestant, TrainTurn } from "./train_contestant.ts";
import type { NetworkLoad } from "./network_load.ts";
import { type PytorchAbout, type PytorchProcess, TRIED, tunePytorch } from "./tune_pytorch.ts";

const NAMES = {
  "cpu": "PyTorch, CPU",
  "cuda-float32": "PyTorch, GPU, float32 without TF32",
  "cuda": "PyTorch, GPU, its defaults",
};

/** The networks that PyTorch's side builds by itself; others are torchvision's. */
const OWN: readonly string[] = ["alexnet", "alexnet2012", "lenet", "nin", "resnet8"];

/**
 * Starts PyTorch, the chapter's script or another network's, on the CPU with the settings that are fastest there and, where
 * PyTorch has one, on the GPU; or says why it can't be had.
 *
 * @param note Takes a line about each of the settings that are tried.
 */
export async function startPytorchTrainers(
  load: NetworkLoad,
  note: (line: string) => void,
): Promise<(TrainContestant | Absentee)[]> {
  const tuned = await tunePytorch(
    (variables) => startPytorch(load, "cpu", variables),
    navigator.hardwareConcurrency,
    note,
  );
  if ("missing" in tuned) return [{ name: "PyTorch", missing: tuned.missing }];
  const { variables, gflops, cores } = tuned;
  const process = await startPytorch(load, "cpu", variables);
  if ("missing" in process) return [{ name: NAMES.cpu, missing: process.missing }];
  const others = process.cuda ? ["cuda-float32", "cuda"] as const : [];
  return [
    { name: NAMES.cpu, product: { gflops, cores }, ...process },
    ...await Promise.all(others.map(async (mode) => ({
      name: NAMES[mode],
      ...await startPytorch(load, mode, {}),
    }))),
  ];
}

async function startPytorch(
  { side, batchSize, model, channels }: NetworkLoad,
  mode: keyof typeof NAMES,
  variables: Variables,
): Promise<PytorchProcess & Pick<TrainContestant, "run"> | { readonly missing: string }> {
  const process = await startPython(
    new URL("pytorch_trainer.py", import.meta.url),
    [model, String(channels), String(side), String(batchSize), mode, ...TRIED],
    OWN.includes(model) ? "PyTorch" : "PyTorch with torchvision",
    variables,
  );
  if ("missing" in process) return process;
  return {
    ...parseAbout(process.about ?? ""),
    multiply: async () => parseRate(await process.ask("product")),
    run: async (steps): Promise<TrainTurn> => JSON.parse(await process.ask(String(steps))),
    close: process.close,
  };
}

/** Parses the line that a process of PyTorch begins with. */
export const parseAbout = (line: string): PytorchAbout => JSON.parse(line);

/** Parses its answer to a product, in GFLOP/s. */
export function parseRate(line: string): number {
  const { gflops } = JSON.parse(line);
  if (typeof gflops === "number" && gflops > 0) return gflops;
  throw new Error(`Cannot measure PyTorch's product: it says ${line}`);
}
